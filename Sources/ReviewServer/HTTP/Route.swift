internal import HTTPTypes
internal import Hummingbird
internal import Preferences

/// One thing that the server does, and who may ask for it: without a role there is no way to write one down.
struct Route: Sendable {
    /// Who may ask, and what is done.
    enum Action: Sendable {
        /// Anybody.
        case open(@Sendable (Exchange) async throws -> Response)
        /// Anybody who is logged in with this role or one above it.
        case role(Account.Role, @Sendable (Exchange, Session) async throws -> Response)
    }

    /// What a request may bring.
    enum Body: String, Sendable {
        case none
        case json = "application/json"
        case form = "application/x-www-form-urlencoded"
    }

    let method: HTTPRequest.Method
    /// The path; a segment in braces stands for any one segment.
    let path: String
    let body: Body
    /// Whether asking for it shows that a person is at work.
    let isActivity: Bool
    let action: Action

    /// Whether it belongs to the JSON API.
    var isAPI: Bool { path.hasPrefix("/api/") }

    /// Whether a POST needs the session's CSRF token: all but the API's log-in, which has no session yet.
    var needsToken: Bool { method == .post && !(isAPI && isOpen) }

    private var isOpen: Bool {
        if case .open = action { true } else { false }
    }

    /// The least role; nil for anybody.
    var role: Account.Role? {
        if case .role(let role, _) = action { role } else { nil }
    }

    private init(_ method: HTTPRequest.Method, _ path: String, _ body: Body, isActivity: Bool, _ action: Action) {
        self.method = method
        self.path = path
        self.body = body
        self.isActivity = isActivity
        self.action = action
    }

    /// A page or an answer for anybody.
    static func get(
        _ path: String, open handle: @escaping @Sendable (Exchange) async throws -> Response
    ) -> Route {
        Route(.get, path, .none, isActivity: false, .open(handle))
    }

    /// A page or an answer for a role.
    static func get(
        _ path: String, _ role: Account.Role, isActivity: Bool = true,
        _ handle: @escaping @Sendable (Exchange, Session) async throws -> Response
    ) -> Route {
        Route(.get, path, .none, isActivity: isActivity, .role(role, handle))
    }

    /// A change by anybody.
    static func post(
        _ path: String, open body: Body, _ handle: @escaping @Sendable (Exchange) async throws -> Response
    ) -> Route {
        Route(.post, path, body, isActivity: true, .open(handle))
    }

    /// A change by a role.
    static func post(
        _ path: String, _ role: Account.Role, _ body: Body = .json,
        _ handle: @escaping @Sendable (Exchange, Session) async throws -> Response
    ) -> Route {
        Route(.post, path, body, isActivity: true, .role(role, handle))
    }
}
