internal import HoldfastSupport

/// Runs what blocks a thread on a thread of its own, for tests that must not hold up others.
///
/// - Parameter body: may wait for processes, servers, pipes.
/// - Returns: what the body returns.
/// - Throws: what the body throws.
public func onThread<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        let isStarted = ThreadSpawner.system.spawn("test") {
            continuation.resume(with: Swift.Result { try body() })
        }
        if !isStarted { continuation.resume(throwing: TestSupportError("there is no thread")) }
    }
}
