public import Diagnostics

/// How a conversation is written out for a model: the supported families of chat templates.
///
/// Templates in model files are programs (Jinja). Overread runs none of them: it recognises the ones that it knows by
/// their text and refuses others.
public enum ChatTemplate: String, Sendable, CaseIterable {
    /// ChatML: `<|im_start|>`, role, line feed, content, `<|im_end|>`, line feed for each message.
    case chatML = "chatml"
    /// ChatML with SmolLM2-Instruct's system message put first if the first message is not a system one.
    case smolLM2 = "smollm2"

    static let startOfTurn = "<|im_start|>"
    static let endOfTurn = "<|im_end|>"

    /// The system message that the template puts first if the conversation begins with none.
    public var defaultSystemMessage: String? {
        switch self {
        case .chatML: nil
        case .smolLM2: "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
        }
    }

    /// Recognises a template by its Jinja text.
    ///
    /// Blanks inside tags, the kind of quotes and `\n` against a line feed in quotes make no difference.
    ///
    /// - Parameter jinja: `tokenizer.chat_template` of the model file, or nil if it has none.
    /// - Throws: `chat.template` if there is none or it is not known.
    public static func detect(fromJinja jinja: String?) throws(Refusal) -> ChatTemplate {
        let known = allCases.map(\.rawValue).joined(separator: ", ")
        guard let jinja else {
            throw Refusal(
                code: "chat.template", at: "tokenizer.chat_template", "the model has no chat template",
                mend: "use an instruction-tuned model, or name one of \(known)")
        }
        let text = JinjaText.canonical(jinja)
        for template in allCases where template.knownTexts.contains(where: { JinjaText.canonical($0) == text }) {
            return template
        }
        throw Refusal(
            code: "chat.template", at: "tokenizer.chat_template",
            "a template of \(jinja.utf8.count) bytes is not known; known are \(known)",
            mend: "name one of these if it writes the same, or use another model")
    }

    /// Writes out a conversation.
    ///
    /// - Parameters:
    ///   - messages: at least one.
    ///   - addGenerationPrompt: whether the beginning of an assistant's message follows, for the model to go on.
    /// - Throws: `chat.messages` if there is none; `chat.content` if a content holds `<|im_start|>` or `<|im_end|>`,
    ///   with which data could pose as another speaker.
    public func render(_ messages: [ChatMessage], addGenerationPrompt: Bool) throws(Refusal) -> String {
        guard let first = messages.first else {
            throw Refusal(
                code: "chat.messages", at: "messages", "0 messages; at least one is allowed",
                mend: "give the conversation a message")
        }
        var all = messages
        if let system = defaultSystemMessage, first.role != .system {
            all.insert(ChatMessage(role: .system, content: system), at: 0)
        }
        try checkContents(messages)
        var text = ""
        for message in all { text += prefix(of: message.role) + message.content + Self.endOfTurn + "\n" }
        return addGenerationPrompt ? text + prefix(of: .assistant) : text
    }

    private func prefix(of role: ChatMessage.Role) -> String {
        Self.startOfTurn + role.rawValue + "\n"
    }

    private func checkContents(_ messages: [ChatMessage]) throws(Refusal) {
        let marks = SpecialTokenMatcher([(Array(Self.startOfTurn.utf8), 0), (Array(Self.endOfTurn.utf8), 1)])
        for (index, message) in messages.enumerated() {
            guard let (range, mark) = marks.first(in: Array(message.content.utf8), from: 0) else { continue }
            throw Refusal(
                code: "chat.content", at: "messages[\(index)].content, byte \(range.lowerBound)",
                "the template's mark \(mark == 0 ? Self.startOfTurn : Self.endOfTurn) stands in the text; none is allowed",
                mend: "take the mark out of the text")
        }
    }

    /// The Jinja texts that are known to write this template.
    private var knownTexts: [String] {
        let turns = """
            {% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] \
            + '<|im_end|>' + '\\n'}}{% endfor %}
            """
        let generation = "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
        let unset = "{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}"
        switch self {
        case .chatML: return [turns + generation, unset + turns + generation]
        case .smolLM2:
            let system = """
                {% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}\
                {{ '<|im_start|>system\\n\(defaultSystemMessage ?? "")<|im_end|>\\n' }}{% endif %}
                """
            return [system + turns.dropFirst("{% for message in messages %}".count) + generation]
        }
    }
}
