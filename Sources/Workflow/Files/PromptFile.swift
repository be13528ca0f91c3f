import Alignment
import Diagnostics
import Preferences
import StrictJSON
import Tokenization

/// One prompt of a JSONL file: `{"id": …, "prompt": text or messages}`; other fields are passed over.
struct PromptRecord {
    let id: String
    /// The file and line, for messages.
    let place: String
    let prompt: ExampleText
}

/// Reads prompts, so that a snapshot's own files can be given as they are.
enum PromptFile {
    /// The prompts of a file, at least one.
    static func read(_ path: String) throws(Refusal) -> [PromptRecord] {
        let bytes = try TextFile.readBytes(path, code: "prompts", limit: 256 << 20)
        var records: [PromptRecord] = []
        for (index, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
            guard line.contains(where: { $0 != 32 && $0 != 9 && $0 != 13 }) else { continue }
            let place = "\(path):\(index + 1)"
            let value = try JSONValue(parsing: Array(line), named: path, firstLine: index + 1)
            guard let prompt = value["prompt"] else {
                throw Refusal(
                    code: "prompts.no-prompt", at: place, "the line has no \"prompt\"",
                    mend: "write {\"id\": \"…\", \"prompt\": \"…\"}, or a list of messages as the prompt")
            }
            let id = try id(value["id"], at: place) ?? "prompt-\(index + 1)"
            records.append(PromptRecord(id: id, place: place, prompt: try text(prompt, at: place)))
        }
        guard !records.isEmpty else {
            throw Refusal(
                code: "prompts.empty", at: path, "the file has no prompt", mend: "write one JSON object a line")
        }
        return records
    }

    /// A text, or a number as it is written; nil where there is none.
    private static func id(_ value: JSONValue?, at place: String) throws(Refusal) -> String? {
        switch value {
        case nil, .null: return nil
        case .string(let text): return text
        case .number(let number): return number.literal
        default:
            throw Refusal(
                code: "prompts.wrong-id", at: place, "\"id\" is neither a text nor a number",
                mend: "write a text, or leave it out")
        }
    }

    private static func text(_ value: JSONValue, at place: String) throws(Refusal) -> ExampleText {
        if let text = value.string {
            guard !text.isEmpty else { throw wrong("is empty", place) }
            return .text(text)
        }
        guard let items = value.array, !items.isEmpty else {
            throw wrong("is neither a text nor a list of messages", place)
        }
        var messages: [ChatMessage] = []
        for item in items {
            guard let role = item["role"]?.string, let content = item["content"]?.string else {
                throw wrong("holds something that is not {\"role\": …, \"content\": …}", place)
            }
            messages.append(try ChatMessage(roleNamed: role, content: content, at: place))
        }
        return .messages(messages)
    }

    private static func wrong(_ what: String, _ place: String) -> Refusal {
        Refusal(
            code: "prompts.wrong-prompt", at: place, "\"prompt\" \(what)",
            mend: "write a text, or a list of messages with role and content")
    }
}

extension ExampleText {
    /// The text of a stored pair.
    init(_ text: PromptText, at place: String) throws(Refusal) {
        switch text {
        case .text(let plain): self = .text(plain)
        case .messages(let stored):
            var messages: [ChatMessage] = []
            for message in stored {
                messages.append(try ChatMessage(roleNamed: message.role, content: message.content, at: place))
            }
            self = .messages(messages)
        }
    }
}
