internal import Diagnostics
internal import Hummingbird
internal import Preferences
internal import StrictJSON

/// Accounts, for administrators.
enum UserRoutes {
    static let all: [Route] = [
        .get("/api/v1/users", .administrator, isActivity: true, list),
        .post("/api/v1/users", .administrator, .json, add),
        .post("/api/v1/users/{account}/role", .administrator, .json, setRole),
        .post("/api/v1/users/{account}/active", .administrator, .json, setActive),
        .post("/api/v1/users/{account}/invite", .administrator, .json, invite),
    ]

    private static func list(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let accounts = try await exchange.reading(session) { try $0.accounts() }
        return .json(["users": .array(accounts.map(shape))])
    }

    private static func shape(_ account: Account) -> JSONValue {
        [
            "account": .string(account.name), "name": .string(account.displayName),
            "role": .string(account.role.rawValue), "reviewer": .string(account.reviewer),
            "active": .bool(!account.isDisabled), "has_password": .bool(account.hasPassword),
            "last_log_in_at": JSONValue(account.lastLogIn),
        ]
    }

    private static func add(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let fields = try exchange.json()
        try fields.allowOnly("name", "display_name", "role", "credential", "subspecialties")
        let name = try fields.text("name")
        let shown = try fields.optionalText("display_name") ?? name
        let role: Account.Role = try fields.choice("role")
        let credential: Reviewer.Credential = try fields.optionalChoice("credential") ?? .other
        var subspecialties: [String] = []
        for value in try fields.list("subspecialties", atMost: 20) {
            guard let text = value.string, (1...64).contains(text.utf8.count) else {
                throw fields.bad("subspecialties", "not a list of texts of 1 to 64 bytes")
            }
            subspecialties.append(text)
        }
        let invitation = try await NewUser(
            name: name, displayName: shown, role: role, credential: credential, subspecialties: subspecialties
        ).make(exchange, session)
        return .json(invitation.json)
    }

    private static func setRole(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let fields = try exchange.json()
        try fields.allowOnly("role")
        let role: Account.Role = try fields.choice("role")
        let name = exchange.word("account")
        try await exchange.change(session) { try $0.setRole(role, account: name) }
        exchange.notes.set(event: "account.role")
        return .json(["done": true])
    }

    private static func setActive(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let fields = try exchange.json()
        try fields.allowOnly("active")
        let isActive = try fields.bool("active")
        let name = exchange.word("account")
        try await exchange.change(session) { try $0.setDisabled(!isActive, account: name) }
        exchange.notes.set(event: isActive ? "account.opened" : "account.closed")
        return .json(["done": true])
    }

    private static func invite(_ exchange: Exchange, _ session: Session) async throws -> Response {
        try exchange.json().allowOnly()
        return .json(try await Invited.make(for: exchange.word("account"), exchange, session).json)
    }
}

/// A one-time link for an account's owner.
struct Invited: Sendable {
    let account: String
    let token: String
    let expires: UTCTime

    /// The link's path; the token is nowhere else.
    var path: String { "/setup?token=\(token)" }

    var json: JSONObject {
        ["account": .string(account), "link": .string(path), "expires_at": JSONValue(expires)]
    }

    /// Makes another link for an account.
    static func make(for name: String, _ exchange: Exchange, _ session: Session) async throws -> Invited {
        let link = try await exchange.change(session) { try $0.makeSetUpLink(account: name) }
        exchange.notes.set(event: "account.invited")
        return Invited(account: name, token: link.token, expires: link.expires)
    }
}

/// An account that an administrator makes.
struct NewUser: Sendable {
    let name: String
    let displayName: String
    let role: Account.Role
    let credential: Reviewer.Credential
    let subspecialties: [String]

    /// Makes the account and its link.
    func make(_ exchange: Exchange, _ session: Session) async throws -> Invited {
        let user = self
        let invited = try await exchange.change(session) { store in
            let account = try store.createAccount(
                name: user.name, displayName: user.displayName, role: user.role, credential: user.credential,
                subspecialties: user.subspecialties)
            let link = try store.makeSetUpLink(account: account.name)
            return Invited(account: account.name, token: link.token, expires: link.expires)
        }
        exchange.notes.set(event: "account.made")
        return invited
    }
}
