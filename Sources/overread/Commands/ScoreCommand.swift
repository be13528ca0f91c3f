import ArgumentParser
import Workflow

/// `overread score --model M --pairs P --output O`.
struct ScoreCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Score pairs: log-probabilities of chosen and rejected under a model.",
        discussion: """
            One JSON object a pair: id, chosen_logp and rejected_logp (summed over the answer's tokens, end of turn \
            included), chosen_tokens, rejected_tokens. The difference of two runs, with and without the adapter, times \
            beta is DPO's implicit reward.

            Example:
              overread score --model M.gguf --adapter adapter \\
                --pairs snapshot/held_out.jsonl --output scores.jsonl
            """)

    @Option(help: ArgumentHelp("The base model, a GGUF file.", valueName: "file"))
    var model: String

    @Option(help: ArgumentHelp("An adapter in PEFT's format; without it the base alone.", valueName: "folder"))
    var adapter: String?

    @Option(help: ArgumentHelp("A JSONL file in TRL's preference format, or a snapshot.", valueName: "path"))
    var pairs: String

    @Option(help: ArgumentHelp("The JSONL file to write.", valueName: "file"))
    var output: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The most tokens of prompt and answer; the model's context if left out.", valueName: "tokens"))
    var maxLength: Int?

    @Flag(help: "Replace a file that something else made.")
    var force = false

    @Flag(help: "Write what was done as one JSON object on standard output.")
    var json = false

    func validate() throws {
        if let maxLength, maxLength < 2 {
            throw ValidationError("--max-length is \(maxLength); allowed is 2 or more")
        }
    }

    func execute(_ console: Console, stop: StopRequest) throws {
        let result = try ScoreStage.run(
            model: model, adapter: adapter, pairs: pairs, output: output, maxLength: maxLength, replace: force,
            events: console.events(stop: stop))
        guard let result else { throw stopped(console, "Stopped; \(output) was not written.") }
        console.result(json ? result.json : result.text)
        console.say(closingLine(console))
    }
}
