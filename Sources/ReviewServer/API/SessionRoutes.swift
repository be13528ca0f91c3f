internal import Diagnostics
internal import Hummingbird
internal import Preferences
internal import StrictJSON

/// Logging in and out by JSON, and what a client must know of its session.
enum SessionRoutes {
    static let all: [Route] = [
        .get("/api/v1/health", open: { _ in .json(["status": "ok"]) }),
        .get(
            "/api/v1/openapi.yaml",
            open: { _ in .bytes(PackageResources.openapi_yaml, type: "application/yaml") }),
        .get("/api/v1/session", .reviewer, isActivity: false, show),
        .post("/api/v1/session", open: .json, logIn),
        .post("/api/v1/session/end", .reviewer, .json, logOut),
    ]

    private static func show(_ exchange: Exchange, _ session: Session) -> Response {
        .json(shape(session, exchange))
    }

    private static func logIn(_ exchange: Exchange) async throws -> Response {
        let fields = try exchange.json()
        try fields.allowOnly("name", "password")
        let name = try fields.text("name")
        let password = try fields.text("password", bytes: 1...1024)
        let new = try await exchange.services.logIn(name: name, password: password, exchange)
        var response = Response.json(shape(new.session, exchange))
        exchange.services.cookies.set(exchange.services.cookies.session, new.token, in: &response)
        return response
    }

    private static func logOut(_ exchange: Exchange, _ session: Session) async throws -> Response {
        try exchange.json().allowOnly()
        var response = Response.json(["done": true])
        try await end(session, exchange, &response)
        return response
    }

    /// Ends the session and takes its cookie away.
    static func end(_ session: Session, _ exchange: Exchange, _ response: inout Response) async throws {
        if let token = exchange.token {
            try await exchange.change(session) { try $0.endSession(token: token) }
        }
        exchange.notes.set(event: "log-out")
        exchange.services.cookies.set(exchange.services.cookies.session, "", in: &response)
    }

    private static func shape(_ session: Session, _ exchange: Exchange) -> JSONObject {
        [
            "account": .string(session.account.name), "name": .string(session.account.displayName),
            "role": .string(session.account.role.rawValue), "csrf": .string(session.csrfToken),
            "idle_seconds": JSONValue(exchange.services.options.idleSeconds as Int?),
            "expires_at": JSONValue(session.expires), "hints": .bool(exchange.services.checker != nil),
        ]
    }
}
