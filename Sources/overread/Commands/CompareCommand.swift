import ArgumentParser
import Workflow

/// `overread compare`.
struct CompareCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare the aligned model with its base on held-out cases, and write the report.",
        discussion: """
            Base and aligned model write impressions for the held-out prompts by the same greedy decoding; the \
            conventions judge both, and the held-out pairs are scored by implicit reward. The folder gets report.html, \
            report.json, model-card.md, generations.jsonl and verdicts.jsonl.

            Example:
              overread compare --model M.gguf --adapter adapter --snapshot snapshot \\
                --conventions Preferences/conventions/house-style.yaml \\
                --run-dir Reports/first
            """)

    @Option(help: ArgumentHelp("The base model, a GGUF file.", valueName: "file"))
    var model: String

    @Option(help: ArgumentHelp("The aligned model's adapter in PEFT's format.", valueName: "folder"))
    var adapter: String

    @Option(help: ArgumentHelp("An adapter trained on the chosen texts alone, to compare with.", valueName: "folder"))
    var sftAdapter: String?

    @Option(help: ArgumentHelp("Examples for the base with examples in its prompt, a JSON file.", valueName: "file"))
    var fewShot: String?

    @Option(help: ArgumentHelp("The snapshot whose held-out cases are used.", valueName: "folder"))
    var snapshot: String

    @Option(help: ArgumentHelp("The conventions that judge, a YAML file.", valueName: "file"))
    var conventions: String

    @Option(help: ArgumentHelp("What reviewers preferred, from overread arena verdicts.", valueName: "file"))
    var reviewerVerdicts: String?

    @Option(help: ArgumentHelp("The folder that the report is written into.", valueName: "folder"))
    var runDir: String

    @Option(parsing: .unconditional, help: ArgumentHelp("The most tokens of an answer.", valueName: "tokens"))
    var maxNewTokens = 128

    @Flag(help: "Write what was done as one JSON object on standard output.")
    var json = false

    func validate() throws {
        guard maxNewTokens >= 1 else {
            throw ValidationError("--max-new-tokens is \(maxNewTokens); allowed is 1 or more")
        }
    }

    func execute(_ console: Console, stop: StopRequest) throws {
        let request = CompareStage.Request(
            model: model, adapter: adapter, sftAdapter: sftAdapter, fewShot: fewShot, snapshot: snapshot,
            conventions: conventions, reviewerVerdicts: reviewerVerdicts, runDirectory: runDir,
            maxNewTokens: maxNewTokens)
        guard let result = try CompareStage.run(request, events: console.events(stop: stop)) else {
            throw stopped(console, "Stopped; no report was written.")
        }
        console.result(json ? result.json : result.text)
        console.say(closingLine(console))
    }
}
