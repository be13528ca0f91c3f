import Alignment
import ArgumentParser
import StrictJSON
import Transformer

/// Times the reading of prompts and the writing of answers.
struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Time greedy generation for several prompts at once.")

    @OptionGroup var options: ModelOptions
    @Option(help: "Pairs whose prompts are used, JSONL.") var pairs: String
    @Option(help: "Prompts at once.") var prompts = 16
    @Option(help: "Tokens to write for each, at most.") var tokens = 64
    @Option(help: "Repeats; the median counts.") var repeats = 3

    func run() throws {
        let model = try DecoderModel(path: options.model)
        let prompts = try encodedPairs(pairs, model).prefix(prompts).map(\.prompt)
        let generator = TextGenerator(model: model)
        func seconds(_ count: Int) throws -> (seconds: Double, tokens: Int) {
            let watch = Watch()
            let written = try generator.generate(
                prompts, options: GenerationOptions(maxNewTokens: count, batchSize: prompts.count))
            return (watch.seconds, written.reduce(0) { $0 + $1.tokens.count })
        }
        var (reading, writing): ([Double], [Double]) = ([], [])
        var total = 0
        for _ in 0..<repeats {
            let first = try seconds(1)
            let all = try seconds(tokens)
            reading.append(first.seconds)
            writing.append(Double(all.tokens - first.tokens) / (all.seconds - first.seconds))
            total = all.tokens
        }
        let promptTokens = prompts.reduce(0) { $0 + $1.count }
        let result: JSONValue = [
            "prompts": number(Double(prompts.count)), "prompt_tokens": number(Double(promptTokens)),
            "written_tokens": number(Double(total)),
            "prompt_tokens_per_second": number(Double(promptTokens) / median(reading)),
            "written_tokens_per_second": number(median(writing)), "peak_memory_bytes": number(peakMemoryBytes),
        ]
        print(result.serialized())
    }
}
