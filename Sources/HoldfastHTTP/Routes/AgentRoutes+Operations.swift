internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel

extension AgentRoutes {
    static let operationRoutes = [statistics, consistency, fork, lock, health, metrics]

    private static let statistics = Route(
        description: RouteDescription(
            method: .get, path: "\(path)/stats", id: "getAgentStats",
            summary: "Sums up what an agent has done.", access: .read, parameters: [.agent],
            outcome: .json("Counts of messages, tool calls by name and state, and snapshots."),
            examples: [
                RouteExample(
                    target: "/v1/agents/nobody/stats", answer: #"{"totalMessages":0,"totalToolCalls":0,"#)
            ])
    ) { (call) async throws(HoldfastError) in
        let answer = try await call.agents.aggregateStats(of: call.agent, try call.callOptions)
        var body = JSONBody()
        body.value(answer.content)
        var reply = Reply.json(body)
        reply.note(source: answer.source, answer.degradations)
        return reply
    }

    private static let consistency = Route(
        description: RouteDescription(
            method: .get, path: "\(path)/consistency", id: "checkAgentConsistency",
            summary: "Looks whether what is stored of an agent fits together; changes nothing.",
            access: .read,
            parameters: [.agent], outcome: .json("What does not fit, a sentence each."),
            examples: [
                RouteExample(
                    target: "/v1/agents/nobody/consistency", answer: #"{"consistent":true,"issues":[],"#)
            ])
    ) { (call) async throws(HoldfastError) in
        let found = try await call.agents.checkConsistency(of: call.agent, try call.callOptions)
        var body = JSONBody()
        body.object { body in
            body.member("consistent", found.isConsistent)
            body.member("issues") { body in
                body.array { body in for issue in found.issues { body.value(issue) } }
            }
            body.member("checkedAt", found.checkedAt)
        }
        return .json(body)
    }

    private static let fork = Route(
        description: RouteDescription(
            method: .post, path: "\(path)/forks", id: "forkAgent",
            summary: "Makes copies of an agent under new names: its info, messages and tool calls.",
            access: .write,
            parameters: [
                .agent,
                .query("count", .integer, "How many copies, 1 to 1000.", fallback: "1", bounds: 1...1000),
            ]
                + RouteParameter.writingInSteps,
            outcome: .json("The names of the copies."), statuses: [201],
            examples: [
                RouteExample(
                    target: "/v1/agents/nobody/forks?count=2", status: 404,
                    answer: #"{"type":"urn:holdfast:error:not_found""#)
            ])
    ) { (call) async throws(HoldfastError) in
        let names = try await call.agents.batchFork(
            call.agent, count: call.query.integer("count") ?? 1, try await call.writeOptions())
        var body = JSONBody()
        body.object { body in
            body.member("ids") { body in body.array { body in for name in names { body.value(name) } } }
        }
        return .json(body, .created)
    }

    private static let lock = Route(
        description: RouteDescription(
            method: .post, path: "\(path)/lock", id: "lockAgent",
            summary: "Takes the lock of an agent, and waits for it; /v1/locks renews and releases it.",
            access: .write,
            parameters: [
                .agent,
                .query(
                    "wait", .seconds, "How long to wait for it; not longer than the request may take.",
                    fallback: "30"),
                .query("lease", .seconds, "How long the lock is held without a renewal.", fallback: "30"),
            ], outcome: .json("The name of the lock, its fence, and the header that writes carry."),
            examples: [
                RouteExample(target: "\(example)/lock?lease=0.05", answer: #"{"name":"agent/example","#)
            ])
    ) { (call) async throws(HoldfastError) in
        // What is still to be written and answered when the wait is over needs time as well.
        let longest = max(.zero, try call.remaining - .seconds(1))
        let lock = try await call.agents.acquireAgentLock(
            call.agent, timeout: min(call.query.seconds("wait") ?? .seconds(30), longest),
            lease: call.query.seconds("lease") ?? .seconds(30), owner: call.caller.name)
        var body = JSONBody()
        body.object { body in
            body.member("name", lock.name)
            body.member("fence", lock.fence.number)
            body.member("owner", lock.owner)
            body.member("header", "\(PercentText.encode(lock.name));\(lock.fence.number)")
        }
        return .json(body)
    }

    private static let health = Route(
        description: RouteDescription(
            method: .get, path: "/v1/agent-health", id: "checkAgentHealth",
            summary: "Writes something, reads it back and removes it.", access: .write,
            outcome: .json("What worked, and how long it took."),
            examples: [RouteExample(target: "/v1/agent-health", answer: #"{"healthy":true,"#)])
    ) { (call) async throws(HoldfastError) in
        let health = await call.agents.healthCheck(try call.callOptions)
        var body = JSONBody()
        body.object { body in
            body.member("healthy", health.isHealthy)
            body.member("database") { body in
                body.object { body in
                    body.member("connected", health.isConnected)
                    body.name("latencyMs")
                    body.value(milliseconds: health.latency)
                }
            }
            body.member("fileSystem") { body in body.object { $0.member("writable", health.isWritable) } }
            body.member("checkedAt", health.checkedAt)
        }
        return .json(body, health.isHealthy ? .ok : .serviceUnavailable)
    }

    private static let metrics = Route(
        description: RouteDescription(
            method: .get, path: "/v1/agent-metrics", id: "getAgentMetrics",
            summary: "Says how much was done for agents since the start, and how much is stored.",
            access: .read, outcome: .json("Counts of operations, latencies in milliseconds, totals."),
            examples: [RouteExample(target: "/v1/agent-metrics", answer: #"{"operations":{"saves":"#)])
    ) { (call) async throws(HoldfastError) in
        let metrics = try await call.agents.getMetrics(try call.callOptions)
        var body = JSONBody()
        body.object { body in
            body.member("operations") { body in
                body.object { body in
                    body.member("saves", metrics.saves)
                    body.member("loads", metrics.loads)
                    body.member("queries", metrics.queries)
                    body.member("deletes", metrics.deletes)
                }
            }
            body.member("performance") { body in
                body.object { body in
                    body.name("avgLatencyMs")
                    body.value(milliseconds: metrics.averageLatency)
                    body.name("maxLatencyMs")
                    body.value(milliseconds: metrics.maximumLatency)
                    body.name("minLatencyMs")
                    body.value(milliseconds: metrics.minimumLatency)
                }
            }
            body.member("storage") { body in
                body.object { body in
                    body.member("totalAgents", metrics.totalAgents)
                    body.member("totalMessages", metrics.totalMessages)
                    body.member("totalToolCalls", metrics.totalToolCalls)
                    body.member("dbSizeBytes", metrics.databaseByteCount)
                }
            }
            body.member("collectedAt", metrics.collectedAt)
        }
        return .json(body)
    }
}
