import CHoldfastProvider
import Testing

@testable import HoldfastProviderKit

@Suite("Error buffer")
struct ErrorBufferTests {
    @Test("a message is cut between two characters, ends with NUL, and nothing is written behind the buffer")
    func cut() {
        let message = "aé€😀z"
        for capacity in 0...16 {
            let host = TestHost(messageCapacity: capacity)
            ErrorBuffer(host.error).write(ProviderError(.corrupt, message))
            #expect(host.rawText[capacity] == 0x55)
            guard capacity > 0 else { continue }
            let text = host.text
            #expect(message.hasPrefix(text))
            #expect(text.utf8.count < capacity)
            // The next character would not have fitted.
            let rest = message.dropFirst(text.count)
            if let next = rest.first { #expect(text.utf8.count + next.utf8.count >= capacity) }
        }
    }

    @Test("flags, the vendor's code, the SQL state and the wait cross as they are")
    func fields() {
        let host = TestHost()
        let error = ProviderError(
            .exhausted, "full", flags: [.retryable, .storeDead], vendorCode: -7, sqlState: "53100",
            retryAfterMilliseconds: 1500)
        ErrorBuffer(host.error).write(error)
        #expect(host.error.pointee.flags == 5)
        #expect(host.error.pointee.vendor_code == -7)
        #expect(host.error.pointee.retry_after_ms == 1500)
        let state = withUnsafeBytes(of: host.error.pointee.sqlstate) { $0.prefix { $0 != 0 }.map { $0 } }
        #expect(state == Array("53100".utf8))
    }

    @Test("an older host's shorter error is not written behind its end")
    func olderHost() {
        let host = TestHost()
        host.error.pointee.struct_size = 16
        host.error.pointee.retry_after_ms = 99
        ErrorBuffer(host.error).write(ProviderError(.invalid, "no", vendorCode: 5, retryAfterMilliseconds: 1))
        #expect(host.error.pointee.vendor_code == 5)
        #expect(host.error.pointee.retry_after_ms == 99)
        #expect(host.rawText[0] == 0x55)
    }
}
