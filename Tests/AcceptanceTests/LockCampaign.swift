import Glibc
import HoldfastTestSupport

/// Three processes that want one lock, and who stops and continues them at moments that hurt.
struct LockCampaign {
    /// One line of a contender: what it did, and when.
    struct Step {
        let letter: Character
        let owner: String
        let numbers: [Int64]
        let text: String
    }

    /// One storage.yaml for each process.
    let configurations: [String]
    /// How often each process takes the lock.
    let count: Int
    let leaseMilliseconds: Int
    let seed: UInt64

    /// What is left of a pause: how often others must take the lock before the process goes on.
    private typealias Pauses = [String: Int]

    /// Runs the processes to their end; blocks its thread.
    ///
    /// - Returns: everything that they said, and how often one was stopped.
    /// - Throws: when a process cannot be started, or ends before its time.
    func run() throws -> (steps: [Step], pauseCount: Int) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw TestSupportError("no pipe: errno \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        var processes: [String: pid_t] = [:]
        defer {
            for process in processes.values {
                kill(process, SIGKILL)
                var status: Int32 = 0
                while waitpid(process, &status, 0) < 0, errno == EINTR {}
            }
        }
        for (number, configuration) in configurations.enumerated() {
            let owner = "contender-\(number)"
            processes[owner] = try start(configuration, owner, seed &+ UInt64(number), output: ends[1])
        }
        close(ends[1])
        return try watch(ends[0], processes)
    }

    private func start(
        _ configuration: String, _ owner: String, _ seed: UInt64, output: Int32
    ) throws -> pid_t {
        let words = [
            "\(ProcessFacts.executableDirectory)/LockContender", configuration, "the lock", owner,
            "\(count)", "\(leaseMilliseconds)", "\(seed)",
        ]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        InheritedDescriptors.close(&actions)
        let pointers = words.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        var process = pid_t()
        let failure = posix_spawn(&process, words[0], &actions, nil, pointers + [nil], environ)
        guard failure == 0 else { throw TestSupportError("cannot start \(words[0]): errno \(failure)") }
        return process
    }

    private func watch(
        _ input: Int32, _ processes: [String: pid_t]
    ) throws -> (steps: [Step], pauseCount: Int) {
        var random = CampaignRandom(state: seed)
        var lines = PipeLines(input)
        var steps: [Step] = []
        var pauses: Pauses = [:]
        var pauseCount = 0
        var idleCount = 0
        var doneCount = 0
        while true {
            switch try lines.next(patience: Int32(max(1000, leaseMilliseconds * 10))) {
            case .ended:
                throw TestSupportError(
                    "only \(doneCount) of \(processes.count) processes came to their end")
            case .silence:
                // Who is stopped may keep the others from anything, such as in the middle of a transaction.
                for process in processes.values { kill(process, SIGCONT) }
                pauses = [:]
                idleCount += 1
                guard idleCount < 120 else { throw TestSupportError("nobody does anything any more") }
            case .line(let line):
                idleCount = 0
                let step = try Step(line)
                steps.append(step)
                if step.letter == "A" || step.letter == "D" { go(on: step, processes, &pauses) }
                if step.letter == "D" { doneCount += 1 }
                // What is left of a process that is done is of no interest; it is ended.
                if doneCount == processes.count { return (steps, pauseCount) }
                let isStopped = step.letter == "S"
                guard isStopped || step.stops(using: &random), pauses[step.owner] == nil else { continue }
                if !isStopped, let process = processes[step.owner] { kill(process, SIGSTOP) }
                if pauses.count + doneCount + 1 == processes.count,
                    let owner = pauses.keys.randomElement(using: &random)
                {
                    // Somebody has to go on: one who was stopped before, and finds the lock in other hands.
                    pauses[owner] = nil
                    if let process = processes[owner] { kill(process, SIGCONT) }
                }
                pauses[step.owner] = Int.random(in: 1...3, using: &random)
                pauseCount += 1
            }
        }
    }

    /// Lets those go on who have been stopped for long enough.
    private func go(on step: Step, _ processes: [String: pid_t], _ pauses: inout Pauses) {
        for (owner, remaining) in pauses where owner != step.owner {
            pauses[owner] = remaining - 1
            guard remaining <= 1 || step.letter == "D", let process = processes[owner] else { continue }
            pauses[owner] = nil
            kill(process, SIGCONT)
        }
    }
}

extension LockCampaign.Step {
    init(_ line: String) throws {
        let words = line.split(separator: " ").map(String.init)
        guard words.count >= 2, let letter = words[0].first else {
            throw TestSupportError("a contender said \"\(line)\"")
        }
        self.letter = letter
        owner = words[1]
        numbers = letter == "E" ? [] : words.dropFirst(2).compactMap { Int64($0) }
        text = line
    }

    /// Whether the process is stopped now: often when it has just taken the lock, sometimes between any two steps.
    fileprivate func stops(using random: inout CampaignRandom) -> Bool {
        switch letter {
        case "A": Int.random(in: 0..<10, using: &random) == 0
        case "W", "N", "L": Int.random(in: 0..<60, using: &random) == 0
        default: false
        }
    }
}

/// Lines that come through a pipe.
private struct PipeLines {
    enum Next {
        case line(String)
        case silence
        case ended
    }

    private let descriptor: Int32
    private var bytes: [UInt8] = []
    private var start = 0

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// The next line, or what there is instead after so many milliseconds.
    mutating func next(patience: Int32) throws -> Next {
        while true {
            if let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                return .line(String(decoding: bytes[start..<end], as: UTF8.self))
            }
            bytes.removeFirst(start)
            start = 0
            var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&watched, 1, patience)
            if ready == 0 { return .silence }
            if ready < 0, errno == EINTR { continue }
            var buffer = [UInt8](repeating: 0, count: 1 << 14)
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw TestSupportError("cannot read from a pipe: errno \(errno)") }
            guard count > 0 else { return .ended }
            bytes += buffer[..<count]
        }
    }
}

/// Random numbers that can be had again.
///
/// Source: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators (2014): SplitMix64.
struct CampaignRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
