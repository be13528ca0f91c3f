public import StrictJSON

/// A prompt or a completion: plain text, or the messages of a conversation.
public enum PromptText: Sendable, Equatable {
    /// Plain text, sent to the model as it is.
    case text(String)
    /// Messages, which a chat template turns into text.
    case messages([Message])

    /// One turn of a conversation.
    public struct Message: Sendable, Equatable {
        /// The roles that a message may have.
        public static let roles = ["system", "user", "assistant", "tool", "developer"]

        /// Who speaks: one of ``roles``.
        public var role: String
        /// What is said.
        public var content: String

        /// Makes a message.
        public init(role: String, content: String) {
            self.role = role
            self.content = content
        }

        /// Whether role and content have the same bytes.
        public static func == (a: Message, b: Message) -> Bool {
            a.role.sameBytes(as: b.role) && a.content.sameBytes(as: b.content)
        }
    }

    /// Whether both have the same form and the same bytes.
    public static func == (a: PromptText, b: PromptText) -> Bool { a.json == b.json }

    /// The text of a plain prompt, or all messages' contents joined by line feeds.
    public var plainText: String {
        switch self {
        case .text(let text): text
        case .messages(let messages): messages.map(\.content).joined(separator: "\n")
        }
    }

    /// A string, or an array of `{"role", "content"}` objects: TRL's two shapes.
    public var json: JSONValue {
        switch self {
        case .text(let text): .string(text)
        case .messages(let messages):
            .array(messages.map { ["role": .string($0.role), "content": .string($0.content)] })
        }
    }

    /// Whether both are conversations or both plain text.
    func hasSameForm(as other: PromptText) -> Bool {
        switch (self, other) {
        case (.text, .text), (.messages, .messages): true
        default: false
        }
    }

    /// Whether anything is there to read besides white space and characters that show nothing.
    var isBlank: Bool {
        switch self {
        case .text(let text): text.isBlank
        case .messages(let messages): messages.isEmpty || messages.contains { $0.content.isBlank }
        }
    }

    /// The same words up to surrounding white space and Unicode's canonical equivalence.
    public func saysTheSame(as other: PromptText) -> Bool {
        switch (self, other) {
        case (.text(let a), .text(let b)): return a.trimmedOfBlank == b.trimmedOfBlank
        case (.messages(let a), .messages(let b)):
            return a.count == b.count
                && zip(a, b).allSatisfy {
                    $0.role == $1.role && $0.content.trimmedOfBlank == $1.content.trimmedOfBlank
                }
        default: return false
        }
    }
}

extension Unicode.Scalar {
    /// White space, control and format characters, and whatever else shows nothing.
    var isBlank: Bool {
        if isASCII { return value <= 0x20 || value == 0x7F }
        if properties.isWhitespace || properties.isDefaultIgnorableCodePoint { return true }
        return isHidden
    }

    /// Control and format characters: what shows nothing and may change what is around it.
    var isHidden: Bool {
        if isASCII { return value < 0x20 || value == 0x7F }
        switch properties.generalCategory {
        case .control, .format: return true
        default: return false
        }
    }
}

extension String {
    /// Whether every scalar shows nothing; true for the empty string.
    var isBlank: Bool { unicodeScalars.allSatisfy(\.isBlank) }

    /// The text without blank scalars at either end.
    var trimmedOfBlank: String {
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.isBlank }),
            let last = scalars.lastIndex(where: { !$0.isBlank })
        else { return "" }
        if first == scalars.startIndex, scalars.index(after: last) == scalars.endIndex { return self }
        return String(scalars[first...last])
    }
}
