import HoldfastChain
import Testing

/// Every state that a small program and a few faults can lead to, on the real core.
@Suite("Exhaustive exploration of the chain's core")
struct ExhaustiveExplorationTests {
    @Test("no interleaving of the gate's settings breaks a promise", arguments: ExplorationCampaign.gate)
    func gate(setting: ExplorationSetting) { search(setting) }

    @Test(
        "no interleaving of the full campaign breaks a promise", .enabled(if: ExplorationCampaign.isFull),
        arguments: ExplorationCampaign.chosen)
    func full(setting: ExplorationSetting) { search(setting) }

    @Test("a mechanism that is switched off is missed", arguments: ExplorationAblation.all)
    func ablation(_ ablation: ExplorationAblation) {
        let outcome = ExplorationSearch(
            setting: ablation.setting, stateCountMax: ExplorationCampaign.stateCountMax, stopsAtFirst: true
        ).run()
        print("without \(ablation): \(outcome.report)")
        #expect(!outcome.sentences.isEmpty)
    }

    private func search(_ setting: ExplorationSetting) {
        let outcome = ExplorationSearch(setting: setting, stateCountMax: ExplorationCampaign.stateCountMax)
            .run()
        print(outcome.report)
        #expect(outcome.sentences.isEmpty, "\(outcome.report)")
        #expect(outcome.isWhole)
    }
}
