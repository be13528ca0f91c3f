import Diagnostics
import Foundation
import Preferences
import Testing

/// TRL's own example files, where they have been put beside the repository.
private let zenFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared/data/preferences").path

private func zenFile(_ name: String) -> String {
    let folder = ProcessInfo.processInfo.environment["OVERREAD_PREFERENCE_SAMPLES"] ?? zenFolder
    return folder + "/zen_\(name).jsonl"
}

private let haveZen = FileManager.default.fileExists(atPath: zenFile("standard_preference"))

@Suite("TRL's example files", .enabled(if: haveZen, "TRL's example files are not here"))
struct TRLShapeTests {
    @Test(
        "each preference shape is read and imported",
        arguments: [
            "standard_preference", "standard_implicit_prompt_preference", "conversational_preference",
            "conversational_implicit_prompt_preference",
        ])
    func preferences(name: String) throws {
        let pairs = try PreferencePair.readJSONL(zenFile(name))
        #expect(pairs.count == 19)
        let scratch = try Scratch()
        let store = try scratch.store()
        let report = try store.importPairs(from: zenFile(name))
        #expect(report.takenCount == 19 && report.refusedCount == 0)
        #expect(try store.pairCount() == 19)
    }

    @Test("explicit and implicit conversations give the same pairs")
    func sameConversations() throws {
        let explicit = try PreferencePair.readJSONL(zenFile("conversational_preference"))
        let implicit = try PreferencePair.readJSONL(zenFile("conversational_implicit_prompt_preference"))
        #expect(explicit == implicit)
    }

    @Test(
        "every other shape is refused for what it is",
        arguments: [
            "standard_language_modeling", "conversational_language_modeling", "standard_prompt_only",
            "conversational_prompt_only", "standard_prompt_completion", "conversational_prompt_completion",
            "standard_unpaired_preference", "conversational_unpaired_preference", "standard_stepwise_supervision",
        ])
    func others(name: String) throws {
        let refusal = #expect(throws: Refusal.self) { try PreferencePair.readJSONL(zenFile(name)) }
        #expect(refusal?.code == "pair.not-a-preference")
        #expect(refusal?.location == zenFile(name) + ":1:1")
    }
}
