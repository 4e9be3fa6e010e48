import HoldfastChain
import HoldfastModel
import Testing

@testable import Holdfast

@Suite("Receipts") struct ReceiptTests {
    @Test("the first answer that a read has found in an outage is certain of the log alone")
    func replays() {
        func level(_ degradations: [Degradation]) -> AckLevel {
            let receipt = Receipt(replayOf: [Version(high: 1, low: 2)], seenWith: degradations)
            #expect(receipt.isReplay && receipt.degradations == degradations)
            return receipt.level
        }
        #expect(level([]) == .primary && level([.contentsApart]) == .primary)
        for outage in [Degradation.primaryDown, .fallback("backup"), .hostLocal] {
            #expect(level([outage]) == .log)
        }
    }
}
