import Glibc
import HoldfastSupport
import HoldfastTestSupport

/// What looks like a Redis from outside and answers what a test wants, on a Unix socket.
final class FakeRedis: Sendable {
    /// What is done with a command.
    enum Answer: Sendable {
        /// These bytes are sent.
        case send(String)
        /// These bytes are sent, and the connection is closed behind them.
        case sendAndClose(String)
    }

    /// `INFO` of a primary without persistence.
    static let info: String = {
        let text = "run_id:0123456789abcdef\r\nrole:master\r\nmaster_replid:fedcba98\r\nloading:0\r\n"
        return "$\(text.utf8.count)\r\n\(text)\r\n"
    }()

    private let directory: TemporaryDirectory
    private let listener: Int32
    private let respond: @Sendable (_ command: String, _ number: Int) -> Answer

    /// The URL of the server.
    var url: String { "unix:\(directory.file("fake.sock"))" }

    /// Starts a server.
    ///
    /// - Parameter respond: takes the first word of a command and how many commands of this connection came before
    ///   it.
    /// - Throws: when there is no socket or no thread.
    init(_ respond: @escaping @Sendable (_ command: String, _ number: Int) -> Answer) throws {
        directory = try TemporaryDirectory()
        self.respond = respond
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { room in
            for (index, byte) in directory.file("fake.sock").utf8.enumerated() { room[index] = byte }
        }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, length) }
        }
        guard result == 0, listen(listener, 16) == 0 else {
            throw TestSupportError("cannot listen: errno \(errno)")
        }
        let isStarted = ThreadSpawner.system.spawn("fake-redis") { [listener, respond] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                let isServed = ThreadSpawner.system.spawn("fake-redis") {
                    Self.serve(connection, respond)
                    close(connection)
                }
                if !isServed { close(connection) }
            }
        }
        guard isStarted else { throw TestSupportError("there is no thread") }
    }

    deinit {
        // The thread that accepts is woken, and ends.
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// A server that is a proper primary until a script is run.
    convenience init(onScript answer: Answer) throws {
        try self.init { command, _ in
            switch command {
            case "INFO": .send(Self.info)
            case "SCRIPT": .send("$40\r\n\(String(repeating: "a", count: 40))\r\n")
            case "EVALSHA": answer
            case "CONFIG": .send("*0\r\n")
            default: .send("+OK\r\n")
            }
        }
    }

    private static func serve(_ connection: Int32, _ respond: (String, Int) -> Answer) {
        var buffer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        var number = 0
        while true {
            while let command = takeCommand(&buffer) {
                switch respond(command, number) {
                case .send(let text): guard send(text, to: connection) else { return }
                case .sendAndClose(let text):
                    _ = send(text, to: connection)
                    return
                }
                number += 1
            }
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { return }
            buffer += chunk[..<count]
        }
    }

    private static func send(_ text: String, to connection: Int32) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.isEmpty || Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Takes a whole command off the front of what has come.
    private static func takeCommand(_ buffer: inout [UInt8]) -> String? {
        var position = 0
        func line() -> String? {
            guard let end = buffer[position...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            defer { position = end + 1 }
            return String(decoding: buffer[position..<end].dropLast(), as: UTF8.self)
        }
        guard let head = line(), let count = Int(head.dropFirst()) else { return nil }
        var first = ""
        for index in 0..<count {
            guard let head = line(), let size = Int(head.dropFirst()), buffer.count >= position + size + 2
            else {
                return nil
            }
            if index == 0 { first = String(decoding: buffer[position..<position + size], as: UTF8.self) }
            position += size + 2
        }
        buffer.removeFirst(position)
        return first.uppercased()
    }
}
