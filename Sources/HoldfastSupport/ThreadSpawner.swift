private import CHoldfastSupport
private import Glibc

/// Where threads come from, so that tests and simulations may own them.
///
/// C drivers block, and a blocked thread of Swift's cooperative pool can stop every task of the process; so whoever
/// calls one has a thread of its own.
public struct ThreadSpawner: Sendable {
    private let start: @Sendable (_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool

    /// Makes a spawner of a function that starts a detached thread and says whether it could.
    public init(_ start: @escaping @Sendable (_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool)
    {
        self.start = start
    }

    /// Starts a detached thread.
    ///
    /// - Parameters:
    ///   - name: shown by `ps -L`; the kernel keeps the first 15 bytes.
    ///   - body: what the thread does; the thread ends when it returns.
    /// - Returns: false when the operating system has no thread to give.
    public func spawn(_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool { start(name, body) }

    /// Threads of the operating system.
    public static let system = ThreadSpawner { name, body in
        let launch = Launch(name: name, body: body)
        var attributes = pthread_attr_t()
        guard unsafe pthread_attr_init(&attributes) == 0 else { return false }
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(launch).toOpaque()
        let status = unsafe pthread_create(&thread, &attributes, { unsafe runLaunch($0) }, context)
        if status != 0 { unsafe Unmanaged<Launch>.fromOpaque(context).release() }
        return status == 0
    }
}

/// What a new thread is told.
private final class Launch: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

private func runLaunch(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    let launch = unsafe Unmanaged<Launch>.fromOpaque(context).takeRetainedValue()
    unsafe hf_name_thread(String(decoding: launch.name.utf8.prefix(15), as: UTF8.self))
    launch.body()
    return nil
}
