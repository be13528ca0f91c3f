/// Somebody who may log in: a name, a role, and the reader whose key stands for the person everywhere else.
public struct Account: Sendable, Equatable, Identifiable {
    /// What an account may do; each role may do what the ones before it may.
    public enum Role: String, Sendable, CaseIterable, Comparable {
        /// Judges and corrects.
        case reviewer
        /// Decides over disagreements, sees everybody's figures, and sets guideline and queue.
        case lead
        /// Makes and closes accounts.
        case administrator

        /// Whether one role may do less than another.
        public static func < (a: Role, b: Role) -> Bool {
            (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
        }
    }

    /// The account's number.
    public let id: Int64
    /// The log-in name: 2 to 64 of `a-z 0-9 . _ - @`.
    public let name: String
    /// The name that colleagues see.
    public let displayName: String
    /// What the account may do.
    public let role: Role
    /// The key of the account's reader, which judging takes and the audit chain names.
    public let reviewer: String
    /// What the reader is.
    public let credential: Reviewer.Credential
    /// The reader's fields.
    public let subspecialties: [String]
    /// Whether it is closed.
    public let isDisabled: Bool
    /// Whether its owner has set a password.
    public let hasPassword: Bool
    /// When it was made.
    public let created: UTCTime
    /// When somebody last logged in with it.
    public let lastLogIn: UTCTime?
}
