/// Who looks at a page.
public struct Viewer: Sendable, Equatable {
    /// What an account may do.
    public enum Role: String, Sendable, CaseIterable {
        /// Judges and corrects.
        case reviewer
        /// Also decides disagreements and sees everybody's progress.
        case lead
        /// Also manages accounts.
        case administrator

        /// The role in words.
        var words: String {
            switch self {
            case .reviewer: "Reviewer"
            case .lead: "Lead"
            case .administrator: "Administrator"
            }
        }
    }

    /// The log-in name.
    public var name: String
    /// The role: it decides which links are shown, and nothing else.
    public var role: Role
    /// The session's token against forged requests.
    public var csrf: String
    /// A line at the top of the page, after a form.
    public var notice: Notice?

    /// Makes a viewer.
    public init(name: String, role: Role, csrf: String, notice: Notice? = nil) {
        self.name = name
        self.role = role
        self.csrf = csrf
        self.notice = notice
    }
}

/// A line at the top of a page: what came of the form that was sent.
public struct Notice: Sendable, Equatable {
    /// Whether it was done.
    public enum Kind: Sendable {
        /// It was done.
        case done
        /// It was not done.
        case problem
    }

    /// Whether it was done.
    public var kind: Kind
    /// What to say.
    public var text: String

    /// Makes a notice.
    public init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }
}

/// What a page of work needs before its first case has come.
public struct WorkShell: Sendable, Equatable {
    /// The department's name, beside the product's.
    public var department: String?
    /// The version of the guideline in force.
    public var guideline: String?
    /// Whether convention hints are shown while a draft is corrected.
    public var hints: Bool

    /// Makes a shell.
    public init(department: String? = nil, guideline: String? = nil, hints: Bool = false) {
        self.department = department
        self.guideline = guideline
        self.hints = hints
    }
}

/// Why a page cannot be shown.
public struct ProblemPage: Sendable, Equatable {
    /// The heading.
    public var title: String
    /// What is the matter.
    public var message: String
    /// How to mend it.
    public var remedy: String?
    /// The id under which the server's log has it.
    public var incident: String?

    /// Makes a problem.
    public init(title: String, message: String, remedy: String? = nil, incident: String? = nil) {
        self.title = title
        self.message = message
        self.remedy = remedy
        self.incident = incident
    }
}
