public import Diagnostics

/// One message of a conversation.
public struct ChatMessage: Sendable, Equatable {
    /// Who speaks.
    public enum Role: String, Sendable, CaseIterable {
        /// Instructions that hold for the whole conversation.
        case system
        /// The person.
        case user
        /// The model.
        case assistant
    }

    /// Who speaks.
    public var role: Role
    /// What is said; it goes into the template as it is.
    public var content: String

    /// Makes a message.
    public init(role: Role, content: String) {
        self.role = role
        self.content = content
    }

    /// Makes a message whose role is a word of a data file.
    ///
    /// - Parameter location: where the word stands, for the refusal.
    /// - Throws: `chat.role` for a word that is no `Role`.
    public init(roleNamed name: String, content: String, at location: String) throws(Refusal) {
        guard let role = Role(rawValue: name) else {
            throw Refusal(
                code: "chat.role", at: location,
                "a role of \(name.utf8.count) bytes is unknown; allowed are "
                    + Role.allCases.map(\.rawValue).joined(separator: ", "),
                mend: "name one of these roles, in lower case")
        }
        self.init(role: role, content: content)
    }
}
