internal import HoldfastProviderKit

extension RedisConnection {
    /// Connects to the server that the options mean, and learns what it is.
    ///
    /// - Returns: the connection, and what it leads to: a primary that evicts nothing.
    /// - Throws: `permission` where the server refuses the user or has to be set up, else `unavailable`;
    ///   never with a password.
    static func open(
        _ options: RedisOptions, host: HostServices, call: CallContext
    ) throws(ProviderError) -> (RedisConnection, RedisServer) {
        switch options.target {
        case .server(let endpoint):
            return try open(endpoint, options, host: host, call: call)
        case .sentinels(let sentinels, let name):
            return try RedisSentinels(endpoints: sentinels, name: name, options: options)
                .find(host: host, call: call)
        }
    }

    /// Connects to one server.
    static func open(
        _ endpoint: RedisEndpoint, _ options: RedisOptions, host: HostServices, call: CallContext
    ) throws(ProviderError) -> (RedisConnection, RedisServer) {
        let connection = try connect(endpoint, options, host: host, call: call)
        var greeting = RedisPipeline()
        var required: Set<Int> = []
        if let password = options.account.password {
            required.insert(greeting.count)
            addLogin(to: &greeting, options.account.user, password)
        }
        if options.database != 0 {
            required.insert(greeting.count)
            greeting.add("SELECT", String(options.database))
        }
        greeting.add("CLIENT", "SETNAME", "holdfast")
        required.insert(greeting.count)
        let last = greeting.count
        greeting.add("INFO")
        var text = ""
        try connection.attempt(greeting, call: call, atMost: options.connectTimeout) {
            index, reply throws(ProviderError) in
            if reply.isError {
                guard required.contains(index) else { return }
                throw RedisFailure(reply, hiding: connection.secrets).error
            }
            if index == last { text = reply.text }
        }
        var server = try RedisServer(info: text)
        try server.check()
        try connection.learnSettings(&server, options, call)
        return (connection, server)
    }

    /// Connects, and says nothing yet.
    static func connect(
        _ endpoint: RedisEndpoint, _ options: RedisOptions, host: HostServices, call: CallContext
    ) throws(ProviderError) -> RedisConnection {
        try call.check(host)
        var wait = RedisWait(call, host, atMost: options.connectTimeout)
        return try RedisConnection(
            RedisSocket(endpoint, &wait), host: host, secrets: options.secrets)
    }

    /// Adds what proves who asks.
    static func addLogin(to pipeline: inout RedisPipeline, _ user: String?, _ password: String) {
        if let user { pipeline.add("AUTH", user, password) } else { pipeline.add("AUTH", password) }
    }

    /// Asks for settings that `INFO` does not show; a user who may not ask does without.
    private func learnSettings(
        _ server: inout RedisServer, _ options: RedisOptions, _ call: CallContext
    ) throws(ProviderError) {
        var questions = RedisPipeline()
        for setting in RedisServer.settings { questions.add("CONFIG", "GET", setting) }
        var learnt = server
        try attempt(questions, call: call, atMost: options.connectTimeout) {
            index, reply throws(ProviderError) in
            guard reply.count == 2 else { return }
            learnt.learn(RedisServer.settings[index], try reply.element(1).text)
        }
        server = learnt
    }
}
