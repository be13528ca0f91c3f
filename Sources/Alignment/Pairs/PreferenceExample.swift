public import Tokenization

/// Text as TRL's two preference formats have it.
public enum ExampleText: Sendable, Equatable {
    /// Conversational: turns of a chat.
    case messages([ChatMessage])
    /// Standard: plain text.
    case text(String)
}

/// One preference as text: a prompt, the answer preferred and the answer not.
public struct PreferenceExample: Sendable, Equatable {
    /// Names the example in messages and outputs.
    public var id: String
    /// What was asked.
    public var prompt: ExampleText
    /// The preferred answer.
    public var chosen: ExampleText
    /// The other answer.
    public var rejected: ExampleText

    /// An example; all three texts are of one kind.
    public init(id: String, prompt: ExampleText, chosen: ExampleText, rejected: ExampleText) {
        self.id = id
        self.prompt = prompt
        self.chosen = chosen
        self.rejected = rejected
    }
}
