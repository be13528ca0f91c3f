public import Diagnostics
internal import StrictJSON

/// Prompts and the texts that systems wrote for them, as `overread generate` reads and writes them.
public struct OutputFiles: Sendable {
    /// One prompt: a line `{"id", "prompt", …}` of a JSONL file; a snapshot's own files will do.
    public struct Prompt: Sendable, Equatable {
        /// Its id; `prompt-LINE` where the line has none, as `overread generate` names it.
        public let id: String
        /// The file and line, for messages.
        public let place: String
        /// The prompt.
        public let text: PromptText
        /// The examination, from `exam`, `patient`, `modality`, `body_part` and `subspecialty`.
        public let exam: Exam
    }

    /// The prompts, each id once.
    public let prompts: [Prompt]
    /// SHA-256 of their file.
    public let promptsSHA256: String

    /// Reads prompts.
    ///
    /// - Throws: `outputs.no-prompt`, `outputs.duplicate-id`, `file.empty`, and the refusals of JSON with file and line.
    public init(prompts path: String) throws(Refusal) {
        var found: [Prompt] = []
        var ids: Set<[UInt8]> = []
        promptsSHA256 = try Self.forEachLine(of: path) { value, line, place throws(Refusal) in
            guard let prompt = value["prompt"].flatMap(PromptText.init(json:)) else {
                throw Refusal(
                    code: "outputs.no-prompt", at: place,
                    "\"prompt\" is missing, or neither a text nor a list of messages",
                    mend: "give the file that overread generate wrote its answers for")
            }
            let id = Self.id(value) ?? "prompt-\(line)"
            guard ids.insert(Array(id.utf8)).inserted else { throw Self.twice(place) }
            func text(_ key: String) -> String? { value[key]?.string }
            let exam = Exam(
                key: text("exam"), patient: text("patient"), modality: text("modality"), bodyPart: text("body_part"),
                subspecialty: text("subspecialty"))
            found.append(Prompt(id: id, place: place, text: prompt, exam: exam))
        }
        guard !found.isEmpty else { throw Self.empty(path) }
        prompts = found
    }

    /// Reads the texts that a system wrote, in the order of the prompts.
    ///
    /// A plain text that answers a conversation becomes its assistant's message.
    ///
    /// - Returns: the texts, and SHA-256 of the file.
    /// - Throws: `outputs.no-text`, `outputs.duplicate-id`, `outputs.missing` when a prompt has no text, `outputs.unknown`
    ///   for an id that no prompt has, and the refusals of JSON with file and line.
    public func outputs(at path: String) throws(Refusal) -> (texts: [PromptText], sha256: String) {
        let known = Set(prompts.map { Array($0.id.utf8) })
        var texts: [[UInt8]: String] = [:]
        let sha256 = try Self.forEachLine(of: path) { value, line, place throws(Refusal) in
            guard let text = value["text"]?.string else {
                throw Refusal(
                    code: "outputs.no-text", at: place, "\"text\" is missing",
                    mend: "give a file that overread generate wrote")
            }
            let id = Array((Self.id(value) ?? "prompt-\(line)").utf8)
            guard known.contains(id) else {
                throw Refusal(
                    code: "outputs.unknown", at: place, "no prompt has this line's id",
                    mend: "give the prompts that these answers were written for")
            }
            guard texts.updateValue(text, forKey: id) == nil else { throw Self.twice(place) }
        }
        var ordered: [PromptText] = []
        for prompt in prompts {
            guard let text = texts[Array(prompt.id.utf8)] else {
                throw Refusal(
                    code: "outputs.missing", at: path, "it has no answer to the prompt of \(prompt.place)",
                    mend: "have all prompts answered, or take the prompt out")
            }
            switch prompt.text {
            case .text: ordered.append(.text(text))
            case .messages: ordered.append(.messages([PromptText.Message(role: "assistant", content: text)]))
            }
        }
        return (ordered, sha256)
    }

    private static func forEachLine(
        of path: String, _ body: (_ value: JSONValue, _ line: Int, _ place: String) throws(Refusal) -> Void
    ) throws(Refusal) -> String {
        var lines = try JSONLines(path: path)
        while let line = try lines.next() {
            guard let bytes = line.bytes else { throw JSONLines.tooLong(line, path: path) }
            let value = try JSONValue(parsing: bytes, named: path, firstLine: line.number)
            try body(value, line.number, "\(path):\(line.number)")
        }
        return try lines.finishedDigest()
    }

    private static func id(_ value: JSONValue) -> String? {
        switch value["id"] {
        case .string(let text)?: text
        case .number(let number)?: number.literal
        default: nil
        }
    }

    private static func twice(_ place: String) -> Refusal {
        Refusal(
            code: "outputs.duplicate-id", at: place, "an earlier line has this id", mend: "give every line its own id")
    }

    private static func empty(_ path: String) -> Refusal {
        Refusal(code: "file.empty", at: path, "no record at all", mend: "give a file with one record a line")
    }
}

extension PromptText {
    /// Reads a string, or an array of `{"role", "content"}` objects; nil for anything else.
    init?(json: JSONValue) {
        if let text = json.string {
            self = .text(text)
            return
        }
        guard let items = json.array, !items.isEmpty else { return nil }
        var messages: [Message] = []
        for item in items {
            guard let role = item["role"]?.string, let content = item["content"]?.string, Message.roles.contains(role)
            else {
                return nil
            }
            messages.append(Message(role: role, content: content))
        }
        self = .messages(messages)
    }
}
