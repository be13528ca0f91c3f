import ArgumentParser
import Workflow

/// `overread generate --model M --prompts P --output O`.
struct GenerateCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Write answers to prompts.",
        discussion: """
            Prompts are JSON objects, one a line: {"id": …, "prompt": text or list of messages}; other fields are passed \
            over, so a snapshot's held_out.jsonl can be given as it is. Messages go through the model's chat template; \
            a text is taken as it stands. Each answer is an object: id, text, tokens, prompt_tokens, finish_reason.

            Example:
              overread generate --model M.gguf --adapter adapter \\
                --prompts snapshot/held_out.jsonl --output out.jsonl \\
                --temperature 0 --max-new-tokens 128
            """)

    @Option(help: ArgumentHelp("The base model, a GGUF file.", valueName: "file"))
    var model: String

    @Option(help: ArgumentHelp("An adapter in PEFT's format; without it the base alone.", valueName: "folder"))
    var adapter: String?

    @Option(help: ArgumentHelp("The prompts, a JSONL file.", valueName: "file"))
    var prompts: String

    @Option(help: ArgumentHelp("The JSONL file to write.", valueName: "file"))
    var output: String

    @OptionGroup var decoding: DecodingOptions

    @Flag(help: "Replace a file that something else made.")
    var force = false

    @Flag(help: "Write what was done as one JSON object on standard output.")
    var json = false

    func execute(_ console: Console, stop: StopRequest) throws {
        let result = try GenerateStage.run(
            model: model, adapter: adapter, prompts: prompts, output: output, decoding: decoding.value, replace: force,
            events: console.events(stop: stop))
        guard let result else { throw stopped(console, "Stopped; \(output) was not written.") }
        console.result(json ? result.json : result.text)
        console.say(closingLine(console))
    }
}

/// How text is decoded; the same options wherever text is written.
struct DecodingOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("The most tokens to write for a prompt.", valueName: "tokens"))
    var maxNewTokens = 256

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("0 takes the most probable token each time; up to 10.", valueName: "number"))
    var temperature = 0.0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Choose among the tokens that make up this probability, above 0 to 1.", valueName: "number"))
    var topP = 1.0

    @Option(parsing: .unconditional, help: ArgumentHelp("Choose among so many tokens; 0 for all.", valueName: "number"))
    var topK = 0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Leave out tokens below this share of the best one's probability, 0 to 1.", valueName: "number"))
    var minP = 0.0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Weaken tokens that were seen, 1 (not at all) to 10.", valueName: "number"))
    var repetitionPenalty = 1.0

    @Option(parsing: .unconditional, help: ArgumentHelp("The seed of the choices.", valueName: "number"))
    var seed: UInt64 = 0

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A text that ends an answer; may be given several times.", valueName: "text"))
    var stop: [String] = []

    func validate() throws {
        func require(_ isAllowed: Bool, _ name: String, _ value: String, _ allowed: String) throws {
            guard isAllowed else { throw ValidationError("--\(name) is \(value); allowed is \(allowed)") }
        }
        try require((1...1_000_000).contains(maxNewTokens), "max-new-tokens", "\(maxNewTokens)", "1 to 1000000")
        try require(temperature >= 0 && temperature <= 10, "temperature", "\(temperature)", "0 to 10")
        try require(topP > 0 && topP <= 1, "top-p", "\(topP)", "above 0 to 1")
        try require(topK >= 0, "top-k", "\(topK)", "0 or more")
        try require(minP >= 0 && minP <= 1, "min-p", "\(minP)", "0 to 1")
        try require(
            repetitionPenalty >= 1 && repetitionPenalty <= 10, "repetition-penalty", "\(repetitionPenalty)", "1 to 10")
        try require(!stop.contains(""), "stop", "empty", "a text")
    }

    /// The options as the stages take them.
    var value: GenerateStage.Decoding {
        var decoding = GenerateStage.Decoding()
        decoding.maxNewTokens = maxNewTokens
        decoding.temperature = temperature
        decoding.topP = topP
        decoding.topK = topK
        decoding.minP = minP
        decoding.repetitionPenalty = repetitionPenalty
        decoding.seed = seed
        decoding.stop = stop
        return decoding
    }
}
