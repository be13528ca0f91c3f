/// One answer to a bad input or a failed environment, in the one shape that every command, page and JSON reply uses.
///
/// A refusal says where the problem is, what was found and what is allowed, and how to mend it. It never quotes report
/// text, names or identifiers from the data: those may be protected health information. Positions, lengths and hashes
/// are quoted instead.
public struct Refusal: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of trouble it is, and so with which status a command ends.
    public enum Kind: String, Sendable, CaseIterable {
        /// The user's data, file or recipe is wrong.
        case badInput
        /// The machine is: a disk, a lock, a permission, a missing library.
        case environment
        /// Training stopped itself: a non-finite loss, a wrong first step, nothing learned.
        case trainingStopped
        /// Overread itself is at fault.
        case ourBug

        /// The exit status: 2, 3, 4 or 70.
        public var exitCode: Int32 {
            switch self {
            case .badInput: 2
            case .environment: 3
            case .trainingStopped: 4
            case .ourBug: 70
            }
        }
    }

    /// What kind of trouble it is.
    public let kind: Kind
    /// A stable word for scripts, `area.problem`, such as `gguf.truncated`.
    public let code: String
    /// The place: a file with line and column, a byte offset, a tensor, a recipe's key.
    public let location: String
    /// What is wrong: what was found and what is allowed, one clause without a final stop.
    public let problem: String
    /// What to do about it, one clause without a final stop.
    public let remedy: String

    /// Makes a refusal; `problem` and `remedy` are clauses without a final stop.
    public init(_ kind: Kind = .badInput, code: String, at location: String, _ problem: String, mend remedy: String) {
        self.kind = kind
        self.code = code
        self.location = location
        self.problem = problem
        self.remedy = remedy
    }

    /// The whole refusal on one line: code, where, what is wrong, how to mend it.
    public var description: String {
        "\(code)  \(location): \(problem). Mend: \(remedy)."
    }
}
