/// Every account.
public struct UserList: Sendable, Equatable {
    /// One account.
    public struct User: Sendable, Equatable {
        /// The account's key, as it stands in addresses.
        public var account: String
        /// The log-in name.
        public var name: String
        /// The role.
        public var role: Viewer.Role
        /// The reviewer's key, for those who judge.
        public var reviewer: String?
        /// Whether it may log in.
        public var isActive: Bool
        /// Whether the one-time link was used.
        public var hasPassword: Bool
        /// The last log-in.
        public var lastLogIn: String?

        /// Makes an account.
        public init(
            account: String, name: String, role: Viewer.Role, reviewer: String?, isActive: Bool, hasPassword: Bool,
            lastLogIn: String?
        ) {
            self.account = account
            self.name = name
            self.role = role
            self.reviewer = reviewer
            self.isActive = isActive
            self.hasPassword = hasPassword
            self.lastLogIn = lastLogIn
        }
    }

    /// A one-time link, shown once.
    public struct Invitation: Sendable, Equatable {
        /// Whose.
        public var name: String
        /// The link, from the server's root or whole.
        public var link: String
        /// Until when it can be used.
        public var expires: String

        /// Makes an invitation.
        public init(name: String, link: String, expires: String) {
            self.name = name
            self.link = link
            self.expires = expires
        }
    }

    /// The accounts.
    public var users: [User]
    /// The viewer's own account, whose role and state cannot be changed here.
    public var own: String
    /// The link that was just made.
    public var invitation: Invitation?

    /// Makes a list.
    public init(users: [User], own: String, invitation: Invitation? = nil) {
        self.users = users
        self.own = own
        self.invitation = invitation
    }
}

/// The guideline, with its versions.
public struct GuidelinePage: Sendable, Equatable {
    /// One version.
    public struct Version: Sendable, Equatable {
        /// Its name.
        public var version: String
        /// When it was published.
        public var published: String
        /// The text's SHA-256, or its beginning.
        public var digest: String
        /// Whether it is in force.
        public var isCurrent: Bool

        /// Makes a version.
        public init(version: String, published: String, digest: String, isCurrent: Bool) {
            self.version = version
            self.published = published
            self.digest = digest
            self.isCurrent = isCurrent
        }
    }

    /// The version shown; nil while there is none.
    public var version: String?
    /// Its text, shown line for line.
    public var text: String
    /// Every version, the newest first.
    public var versions: [Version]
    /// Whether this viewer may publish another.
    public var mayPublish: Bool

    /// Makes a page's values.
    public init(version: String?, text: String, versions: [Version] = [], mayPublish: Bool) {
        self.version = version
        self.text = text
        self.versions = versions
        self.mayPublish = mayPublish
    }
}
