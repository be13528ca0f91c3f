import Diagnostics
import Testing

@Suite("Refusals and suggestions")
struct DiagnosticsTests {
    @Test("a refusal reads: code, where, what, how to mend")
    func refusalShape() {
        let refusal = Refusal(
            code: "recipe.unknown-key", at: "recipe.yaml:7:1", "unknown key \"bata\"", mend: "write \"beta\"")
        #expect(
            refusal.description == "recipe.unknown-key  recipe.yaml:7:1: unknown key \"bata\". Mend: write \"beta\".")
    }

    @Test("exit codes are 2, 3, 4 and 70")
    func exitCodes() {
        #expect(Refusal.Kind.allCases.map(\.exitCode) == [2, 3, 4, 70])
    }

    @Test(
        "a slip finds the key that was meant",
        arguments: [
            ("bata", "beta"), ("learing_rate", "learning_rate"), ("lora_aplha", "lora_alpha"), ("BETA", "beta"),
        ])
    func suggestion(written: String, meant: String) {
        #expect(NearestName.suggestion(for: written, among: ["learning_rate", "beta", "lora_alpha", "seed"]) == meant)
    }

    @Test("a word that is like none gets no suggestion")
    func noSuggestion() {
        #expect(NearestName.suggestion(for: "completely_different", among: ["beta", "seed"]) == nil)
    }
}
