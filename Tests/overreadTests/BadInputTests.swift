import Foundation
import StrictJSON
import Testing

@Suite("Bad input through the program", .serialized)
struct BadInputTests {
    /// A text that no message may hold.
    static let secret = "Zebrafish carcinoma of Mrs Example"

    /// Runs a command that must be refused, and checks what holds for every refusal.
    ///
    /// - Parameters:
    ///   - arguments: the command.
    ///   - work: the folder that it runs in, which must not change.
    ///   - pattern: what the one line of standard error must match, whole.
    private func expectRefusal<Output>(
        _ arguments: [String], in work: Workplace, _ pattern: Regex<Output>
    ) throws {
        let before = try work.listing()
        let outcome = try Program.run(arguments, in: work)
        #expect(outcome.status == 2, "\(outcome.error)")
        #expect(outcome.output.isEmpty)
        #expect(outcome.errorLines.count == 1 && outcome.error.hasSuffix("\n"), "\(outcome.error)")
        let line = String(outcome.errorLines.last ?? "")
        #expect(line.wholeMatch(of: pattern) != nil, "\(line)")
        #expect(line.wholeMatch(of: /[a-z-]+\.[a-z_-]+  [^ ].*: .*[^.]\. Mend: .*[^.]\./) != nil, "\(line)")
        #expect(!outcome.error.contains(Self.secret))
        #expect(try work.listing() == before)
    }

    private func pair(_ fields: JSONObject) -> String {
        var object: JSONObject = ["prompt": .string(Self.secret), "chosen": " Good.", "rejected": " Bad."]
        for member in fields.members { object[member.key] = member.value }
        return JSONValue.object(object).serialized() + "\n"
    }

    /// A folder with model, pairs and recipe.
    private func workplace() throws -> Workplace {
        let work = try Workplace()
        try work.addModel()
        try work.addPairs()
        try work.addRecipe()
        return work
    }

    /// Every command that opens a model, with everything else in order.
    private static let modelCommands: [[String]] = [
        ["train", "recipe.yaml"],
        ["score", "--model", "tiny.gguf", "--pairs", "pairs.jsonl", "--output", "out.jsonl"],
        ["generate", "--model", "tiny.gguf", "--prompts", "pairs.jsonl", "--output", "out.jsonl"],
    ]

    @Test("no such model", arguments: modelCommands)
    func noModel(command: [String]) throws {
        let work = try workplace()
        try FileManager.default.removeItem(atPath: work.path("tiny.gguf"))
        try expectRefusal(command, in: work, /[a-z_-]+\.[a-z_-]+  tiny\.gguf: .*no such file.* Mend: .*/)
    }

    @Test("a model file that was cut short", arguments: modelCommands, [1, 100, 20_000, 300_000])
    func truncatedModel(command: [String], length: Int) throws {
        let work = try workplace()
        try work.write("tiny.gguf", Array(try work.bytes("tiny.gguf").prefix(length)))
        try expectRefusal(command, in: work, /gguf\.[a-z_-]+  tiny\.gguf.*/)
    }

    @Test("a model that is something else", arguments: modelCommands)
    func otherFile(command: [String]) throws {
        let work = try workplace()
        try work.write("tiny.gguf", "<!DOCTYPE html><html>not found</html>\n")
        try expectRefusal(command, in: work, /gguf\.[a-z_-]+  tiny\.gguf.*/)
    }

    @Test("an adapter whose safetensors header is longer than the file")
    func longHeader() throws {
        let work = try workplace()
        let source = Program.root.appending(path: "Tests/Fixtures/adapters/tiny-trained")
        try FileManager.default.copyItem(at: source, to: URL(filePath: work.path("adapter")))
        let length = (0..<8).map { UInt8(truncatingIfNeeded: 5_000_000 >> (8 * $0)) }
        try work.write("adapter/adapter_model.safetensors", length + Array("{}".utf8))
        try expectRefusal(
            [
                "score", "--model", "tiny.gguf", "--adapter", "adapter", "--pairs", "pairs.jsonl", "--output",
                "out.jsonl",
            ], in: work, /safetensors\.[a-z_-]+  adapter\/adapter_model\.safetensors.*5000000.*/)
    }

    @Test("a recipe with an unknown key names the nearest known one")
    func unknownKey() throws {
        let work = try workplace()
        try work.addRecipe("learning_rat: 1e-4")
        try expectRefusal(
            ["train", "recipe.yaml"], in: work,
            /recipe\.unknown-key  recipe\.yaml:9:1: unknown key "learning_rat"\. Mend: write "learning_rate", .*/)
        try work.addRecipe("max_steps: 2")
        try expectRefusal(
            ["train", "recipe.yaml", "--set", "max_step=3"], in: work,
            /recipe\.unknown-key  --set max_step: unknown key "max_step"\. Mend: write "max_steps", .*/)
    }

    /// Every command that reads pairs.
    private static let pairCommands: [[String]] = [
        ["train", "recipe.yaml"],
        ["score", "--model", "tiny.gguf", "--pairs", "pairs.jsonl", "--output", "out.jsonl"],
        ["import", "pairs.jsonl", "--store", "store.sqlite"],
    ]

    @Test("an empty chosen, with its line and column", arguments: pairCommands)
    func emptyChosen(command: [String]) throws {
        let work = try workplace()
        try work.write("pairs.jsonl", pair([:]) + pair(["chosen": " \u{200B}"]))
        try expectRefusal(command, in: work, /pair\.[a-z-]+  pairs\.jsonl:2:[0-9]+: "chosen" .*/)
    }

    @Test("chosen equal to rejected, with its line and column", arguments: pairCommands)
    func noPreference(command: [String]) throws {
        let work = try workplace()
        try work.write(
            "pairs.jsonl", pair([:]) + "\n" + pair(["chosen": .string(Self.secret), "rejected": .string(Self.secret)]))
        try expectRefusal(
            command, in: work, /pair\.no-preference  pairs\.jsonl:3:[0-9]+: chosen and rejected are the same text.*/)
    }

    @Test("a line that is not JSON, with its line and column", arguments: pairCommands + [modelCommands[2]])
    func notJSON(command: [String]) throws {
        let work = try workplace()
        try work.write("pairs.jsonl", pair([:]) + "{\"prompt\": \(Self.secret)}\n")
        try expectRefusal(command, in: work, /json\.[a-z-]+  pairs\.jsonl:2:12: .*/)
    }

    @Test("a prompt longer than the context, with the pair or line it is in", arguments: modelCommands)
    func longPrompt(command: [String]) throws {
        let work = try workplace()
        let long = Array(repeating: Self.secret, count: 400).joined(separator: " ")
        try work.write("pairs.jsonl", pair([:]) + pair(["prompt": .string(long), "chosen": " Other."]))
        try expectRefusal(
            command, in: work,
            /(pair\.prompt-too-long  pairs\.jsonl, pair 2|prompts\.too-long  pairs\.jsonl:2): the prompt has [0-9]+ tokens.*1024.*/
        )
    }

    @Test("a loss that is not finite stops the training and keeps the last good checkpoint")
    func nonFinite() throws {
        let work = try workplace()
        // A fresh adapter with a scale so large that the first change of any size runs over.
        let source = Program.root.appending(path: "Tests/Fixtures/adapters/tiny-fresh")
        try FileManager.default.copyItem(at: source, to: URL(filePath: work.path("start")))
        let configuration = try work.text("start/adapter_config.json")
        try work.write(
            "start/adapter_config.json", configuration.replacing("\"lora_alpha\": 6,", with: "\"lora_alpha\": 1e30,"))
        let recipe = """
            model_name_or_path: tiny.gguf
            dataset: pairs.jsonl
            output_dir: runs/adapter
            adapter_init: start
            max_steps: 10
            learning_rate: 1e-9
            warmup_steps: 5
            """
        try work.write("recipe.yaml", recipe)
        let outcome = try Program.run(["train", "recipe.yaml"], in: work)
        #expect(outcome.status == 4, "\(outcome.error)")
        #expect(outcome.output.isEmpty)
        let line = try #require(outcome.errorLines.last)
        let match = try #require(
            line.wholeMatch(of: /train\.not-finite  step ([0-9]+): .* is not a finite number .* Mend: .*\./), "\(line)")
        #expect(work.checkpoints("runs/adapter").last == Int(match.1).map { $0 - 1 })
        #expect(!work.exists("runs/adapter/adapter_model.safetensors"))
        #expect(try !work.listing().keys.contains { $0.contains(".partial") || $0.contains(".tmp") })
    }

    @Test("a template's mark in a text is refused by file, pair and place, as is a role that is not known")
    func templateMark() throws {
        let work = try workplace()
        let record: JSONObject = [
            "prompt": [["role": "user", "content": .string("\(Self.secret) <|im_end|>")]],
            "chosen": [["role": "assistant", "content": "Good."]],
            "rejected": [["role": "assistant", "content": "Bad."]],
        ]
        try work.write("pairs.jsonl", JSONValue.object(record).serialized() + "\n")
        try expectRefusal(
            Self.modelCommands[1], in: work, /chat\.content  pairs\.jsonl, pair 1, messages\[0\]\.content, byte 35: .*/)
        try expectRefusal(
            Self.modelCommands[2], in: work, /chat\.content  pairs\.jsonl:1, messages\[0\]\.content, byte 35: .*/)
        try work.write("pairs.jsonl", "{\"prompt\": [{\"role\": \"doctor\", \"content\": \"x\"}]}\n")
        try expectRefusal(Self.modelCommands[2], in: work, /chat\.role  pairs\.jsonl:1: .*/)
    }

    @Test("where nothing can be written is known before the work", arguments: modelCommands.dropFirst())
    func noPlace(command: [String]) throws {
        let work = try workplace()
        for (name, code) in [
            ("", "output.no-name"), ("tiny.gguf/out.jsonl", "output.no-folder"), ("new/", "output.folder"),
        ] {
            let outcome = try Program.run(command.dropLast() + [name], in: work)
            #expect(outcome.status == 2)
            #expect(outcome.errorLines.count == 1 && outcome.error.hasPrefix(code + "  "), "\(outcome.error)")
        }
        #expect(work.exists("new") == false)
    }

    @Test("a report is not written over another one, nor over an adapter")
    func reportTaken() throws {
        let work = try workplace()
        try work.write("pairs.jsonl", InventedPairs.conversational)
        _ = try Program.run(["import", "pairs.jsonl", "--store", "store.sqlite"], in: work)
        _ = try Program.run(["snapshot", "--store", "store.sqlite", "--output", "snapshot/"], in: work)
        #expect(try Program.run(["train", "recipe.yaml"], in: work).status == 0)
        let conventions = Program.root.appending(path: "Preferences/conventions/house-style.yaml").path
        func compare(_ folder: String, _ tokens: String) -> [String] {
            [
                "compare", "--model", "tiny.gguf", "--adapter", "runs/adapter", "--snapshot", "snapshot",
                "--conventions", conventions, "--run-dir", folder, "--max-new-tokens", tokens,
            ]
        }
        try expectRefusal(
            compare("runs/adapter", "3"), in: work,
            /compare\.run-dir-taken  runs\/adapter: it holds what overread train made\. .*/)
        #expect(try Program.run(compare("reports/first/", "3"), in: work).status == 0)
        let report = try JSONValue(parsing: work.bytes("reports/first/report.json"), named: "report")
        #expect(report["run_id"]?.string == "first")
        try expectRefusal(
            compare("reports/first", "4"), in: work,
            /compare\.run-dir-taken  reports\/first: it holds a report made with another max_new_tokens\. .*/)
        #expect(try Program.run(compare("reports/first", "3"), in: work).error.hasPrefix("Skipped: reports/first "))
    }

    @Test("an output file that something else made is not written over")
    func outputTaken() throws {
        let work = try workplace()
        for command in Self.modelCommands.dropFirst() {
            try work.write("out.jsonl", "mine\n")
            try expectRefusal(command, in: work, /output\.exists  out\.jsonl: .*--force.*/)
            #expect(try Program.run(command + ["--force"], in: work).status == 0)
            #expect(try work.text("out.jsonl") != "mine\n")
        }
    }
}
