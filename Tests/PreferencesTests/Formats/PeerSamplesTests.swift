import Diagnostics
import Foundation
import Preferences
import Testing

/// Other projects' example files, where they have been put beside the repository.
private let folder =
    ProcessInfo.processInfo.environment["OVERREAD_PREFERENCE_SAMPLES"]
    ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("shared/data/preferences").path

private let haveSamples = FileManager.default.fileExists(atPath: folder + "/llamafactory_dpo_en_demo.json")

@Suite("Other projects' example files", .enabled(if: haveSamples, "other projects' example files are not here"))
struct PeerSamplesTests {
    @Test("LLaMA-Factory's sharegpt set: 295 pairs of 300, the five others are copies")
    func shareGPT() throws {
        let result = try PairFileReading.read(folder + "/llamafactory_dpo_en_demo.json")
        #expect(result.format == .llamaFactoryShareGPT && result.recordCount == 300)
        #expect(result.pairs.count == 295 && result.leftOut == [LeftOut(.duplicate, 5)])
        let systems = result.pairs.filter { pair in
            if case .messages(let messages) = pair.prompt { messages.first?.role == "system" } else { false }
        }
        #expect(systems.count == 80)
        #expect(result.pairs.allSatisfy { $0.source == "llamafactory-sharegpt" })
    }

    @Test("LLaMA-Factory's messages with parts: 10 pairs of 10")
    func messages() throws {
        let result = try PairFileReading.read(folder + "/llamafactory_v1_dpo_demo.jsonl")
        #expect(result.format == .llamaFactoryMessages)
        #expect(result.pairs.count == 10 && result.leftOut.isEmpty)
    }

    @Test("LLaMA-Factory's KTO set has one answer a record, and every record is refused as that")
    func kto() throws {
        let result = try PairFileReading.read(folder + "/llamafactory_kto_en_demo.json")
        #expect(result.pairs.isEmpty && result.leftOut == [LeftOut(.notAPreference, 300)])
    }

    @Test("LLMBar's labels choose the side: 42 first, 58 second")
    func llmBar() throws {
        let mapping = """
            columns: {prompt: input, first: output_1, second: output_2, preference: label}
            preference: {first: ["1"], second: ["2"]}

            """
        let path = folder + "/llmbar_natural.json"
        let result = try PairFileReading.read(path, options: try options(nil, mapping: mapping))
        #expect(result.pairs.count == 100 && result.leftOut.isEmpty && result.format == .json)
        let swapped = try PairFileReading.read(
            path,
            options: try options(
                nil, mapping: mapping.replacingOccurrences(of: "[\"2\"]", with: "[\"other\"]")))
        #expect(swapped.pairs.count == 42 && swapped.leftOut == [LeftOut(.malformed, 58)])
    }

    @Test("torchtune's paired answers are read through a mapping, and refused without one")
    func torchtune() throws {
        let path = folder + "/torchtune_stack_exchange_paired_tiny.json"
        let refusal = #expect(throws: Refusal.self) { try PairFileReading.read(path) }
        #expect(refusal?.code == "format.unknown")
        let mapping = "columns: {prompt: question, chosen: response_j, rejected: response_k}\n"
        #expect(try PairFileReading.read(path, options: try options(nil, mapping: mapping)).pairs.count == 25)
    }

    @Test("TRL's plain and conversational sets are found as TRL's, with the same pairs as the plain import gives")
    func zen() throws {
        for name in [
            "standard_preference", "standard_implicit_prompt_preference", "conversational_preference",
            "conversational_implicit_prompt_preference",
        ] {
            let path = folder + "/zen_" + name + ".jsonl"
            let result = try PairFileReading.read(path)
            #expect(result.format == .trl && result.leftOut.isEmpty)
            #expect(try result.pairs == PreferencePair.readJSONL(path))
        }
    }
}
