import Alignment
import ArgumentParser
import Diagnostics
import Foundation
import StrictJSON
import Tokenization
import Transformer

/// Writes pairs of a given length for all programs that are compared.
struct WritePairs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pairs",
        abstract: "Write synthetic pairs of a given length, put together from the pairs that ship.")

    @OptionGroup var options: ModelOptions
    @Option(help: "The pairs that ship.") var source = "Preferences/impression-pairs.jsonl"
    @Option(help: "The file to write, JSONL.") var output: String
    @Option(help: "How many pairs.") var count = 32
    @Option(help: "Tokens of a prompt, chat template included.") var prompt = 158
    @Option(help: "Tokens of an answer.") var answer = 62

    func run() throws {
        let model = try DecoderModel(path: options.model)
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: source)))
        let records = try bytes.split(separator: UInt8(ascii: "\n")).map {
            try JSONValue(parsing: [UInt8]($0), named: source)
        }
        func text(_ record: JSONValue, _ key: String) -> String { record[key]?.array?.first?["content"]?.string ?? "" }
        /// Words of a field from one record on, until `fits` says that they are too many.
        func words(_ key: String, from start: Int, fits: (String) throws -> Bool) rethrows -> String {
            var taken: [Substring] = []
            var index = start
            while true {
                for word in text(records[index % records.count], key).split(separator: " ") {
                    taken.append(word)
                    if try !fits(taken.joined(separator: " ")) { return taken.dropLast().joined(separator: " ") }
                }
                index += 1
            }
        }
        var lines = ""
        for index in 0..<count {
            let prompt = try words("prompt", from: index) { candidate in
                let message = try ChatMessage(roleNamed: "user", content: candidate, at: "benchmark")
                let rendered = try model.chatTemplate.render([message], addGenerationPrompt: true)
                return model.tokenizer.encode(rendered).count <= self.prompt
            }
            func answer(_ key: String) -> String {
                words(key, from: index) { model.tokenizer.encode($0).count <= self.answer - 2 }
            }
            func message(_ role: String, _ content: String) -> JSONValue {
                .array([["role": .string(role), "content": .string(content)]])
            }
            let pair: JSONValue = [
                "prompt": message("user", prompt), "chosen": message("assistant", answer("chosen")),
                "rejected": message("assistant", answer("rejected")),
            ]
            lines += pair.serialized() + "\n"
        }
        try Data(lines.utf8).write(to: URL(filePath: output))
    }
}

/// Reads such pairs back as token ids.
func encodedPairs(_ path: String, _ model: DecoderModel) throws -> [EncodedPair] {
    let encoder = PairEncoder(
        tokenizer: model.tokenizer, template: model.chatTemplate, maxLength: nil,
        contextLength: model.configuration.maxPositionEmbeddings)
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    return try bytes.split(separator: UInt8(ascii: "\n")).enumerated().map { index, line in
        let value = try JSONValue(parsing: [UInt8](line), named: path, firstLine: index + 1)
        func messages(_ key: String) throws -> ExampleText {
            .messages(
                try (value[key]?.array ?? []).map {
                    try ChatMessage(
                        roleNamed: $0["role"]?.string ?? "", content: $0["content"]?.string ?? "", at: path)
                })
        }
        return try encoder.encode(
            PreferenceExample(
                id: "\(index)", prompt: try messages("prompt"), chosen: try messages("chosen"),
                rejected: try messages("rejected")))
    }
}
