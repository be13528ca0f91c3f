import Foundation
import StrictJSON
import Testing

/// Synthetic cases in TRL's conversational format, invented for these tests.
enum InventedPairs {
    static let conversational: String = [
        ("Fracture of the distal radius.", "Radius fracture.", "It is broken.", "train"),
        ("Opacity in the lower lobe.", "Pneumonia.", "Something is there.", "train"),
        ("Stones in the gallbladder.", "Gallstones.", "Stones seen, see above.", "train"),
        ("Heart and lungs appear normal.", "No acute disease.", "Normal. Normal.", "held_out"),
        ("Cyst of the kidney, 12 mm.", "Renal cyst, 12 mm.", "A cyst of 21 mm.", "held_out"),
    ].enumerated().map { index, one in
        func message(_ role: String, _ content: String) -> JSONValue {
            ["role": .string(role), "content": .string(content)]
        }
        let object: JSONObject = [
            "id": .string("case-\(index + 1)"), "patient": .string("patient-\(index + 1)"), "split": .string(one.3),
            "findings": .string(one.0), "prompt": [message("user", "Write the impression.\n\n\(one.0)")],
            "chosen": [message("assistant", "IMPRESSION:\n1. \(one.1)")],
            "rejected": [message("assistant", one.2)],
        ]
        return JSONValue.object(object).serialized() + "\n"
    }.joined()
}

@Suite("What score and generate write", .serialized)
struct OutputFormatTests {
    @Test("score writes id, chosen_logp, rejected_logp, chosen_tokens and rejected_tokens, equal to TRL's")
    func score() throws {
        let work = try Workplace()
        let fixtures = Program.root.appending(path: "Tests/Fixtures").path
        for (name, adapter, kind) in [
            ("base", [], "reference"), ("aligned", ["--adapter", fixtures + "/adapters/tiny-trained"], "policy"),
        ] {
            let outcome = try Program.run(
                ["score", "--model", fixtures + "/models/tiny-f32.gguf"] + adapter
                    + ["--pairs", fixtures + "/pairs/pairs.jsonl", "--output", "\(name).jsonl"], in: work)
            #expect(outcome.status == 0, "\(outcome.error)")
            let golden = try JSONValue(
                parsing: [UInt8](Data(contentsOf: URL(filePath: fixtures + "/pairs/tiny-f32.pairs.json"))),
                named: "golden")
            let expected = try #require(golden.array)
            let lines = try work.lines("\(name).jsonl")
            #expect(lines.count == expected.count && !lines.isEmpty)
            for (line, item) in zip(lines, expected) {
                #expect(
                    line.object?.keys == [
                        "id", "chosen_logp", "rejected_logp", "chosen_tokens", "rejected_tokens",
                    ])
                for side in ["chosen", "rejected"] {
                    let value = try #require(line["\(side)_logp"]?.double)
                    let wanted = try #require(item["\(kind)_\(side)_logps"]?.double)
                    #expect(abs(value - wanted) <= 1e-3 * abs(wanted))
                    #expect(line["\(side)_tokens"]?.int == item["\(side)_ids"]?.array?.count)
                }
            }
        }
    }

    @Test("score's lines carry the ids of the pairs, in order")
    func ids() throws {
        let work = try Workplace()
        try work.addModel()
        try work.write("pairs.jsonl", InventedPairs.conversational)
        let outcome = try Program.run(
            ["score", "--model", "tiny.gguf", "--pairs", "pairs.jsonl", "--output", "out.jsonl"], in: work)
        #expect(outcome.status == 0 && outcome.output == "out.jsonl: the scores of 5 pairs.\n", "\(outcome.error)")
        #expect(try work.lines("out.jsonl").compactMap { $0["id"]?.string } == (1...5).map { "case-\($0)" })
    }

    @Test("generate writes an answer a prompt, of at most N tokens, the same again at temperature 0")
    func generate() throws {
        let work = try Workplace()
        try work.addModel()
        try work.write(
            "prompts.jsonl",
            InventedPairs.conversational + "{\"prompt\": \"Findings: none.\"}\n\n{\"id\": 5, \"prompt\": \"x\"}\n")
        var texts: [String] = []
        for name in ["a.jsonl", "b.jsonl"] {
            let outcome = try Program.run(
                [
                    "generate", "--model", "tiny.gguf", "--prompts", "prompts.jsonl", "--output", name, "--temperature",
                    "0", "--max-new-tokens", "6",
                ], in: work)
            #expect(outcome.status == 0, "\(outcome.error)")
            texts.append(try work.text(name))
        }
        #expect(texts[0] == texts[1])
        let lines = try work.lines("a.jsonl")
        #expect(lines.compactMap { $0["id"]?.string } == (1...5).map { "case-\($0)" } + ["prompt-6", "5"])
        for line in lines {
            #expect(line.object?.keys == ["id", "text", "tokens", "prompt_tokens", "finish_reason"])
            #expect((1...6).contains(line["tokens"]?.array?.count ?? 0))
            #expect(["stop", "length"].contains(line["finish_reason"]?.string ?? ""))
        }
    }
}
