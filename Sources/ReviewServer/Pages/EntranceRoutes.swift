internal import Diagnostics
internal import HTTPTypes
internal import Hummingbird
internal import Markup
internal import Preferences
internal import ReviewPages

/// The pages before the work: log-in, set-up, log-out, one's own password.
enum EntranceRoutes {
    static let all: [Route] = [
        .get("/", open: start),
        .get("/login", open: { showLogIn($0) }),
        .post("/login", open: .form, logIn),
        .get("/setup", open: showSetUp),
        .post("/setup", open: .form, setUp),
        .post("/logout", .reviewer, .form, logOut),
        .get("/account", .reviewer, isActivity: true) { .page(ReviewPages.account($0.viewer($1))) },
        .post("/account", .reviewer, .form, changePassword),
    ]

    private static func start(_ exchange: Exchange) async throws -> Response {
        guard let token = exchange.token,
            try await exchange.services.desk.change({ try $0.session(token: token) }) != nil
        else { return .redirect(to: "/login") }
        return .redirect(to: "/judge")
    }

    private static func showLogIn(
        _ exchange: Exchange, name: String = "", problem: Problem? = nil
    ) -> Response {
        let visit = exchange.visit ?? RandomToken.make(bytes: 32)
        var response = Response.page(
            ReviewPages.logIn(csrf: VisitToken.csrf(of: visit), name: name, problem: problem?.sentences),
            status: problem?.status ?? .ok)
        if let seconds = problem?.retryAfter { response.headers[.retryAfter] = String(seconds) }
        exchange.services.cookies.set(exchange.services.cookies.visit, visit, in: &response)
        return response
    }

    private static func logIn(_ exchange: Exchange) async throws -> Response {
        let form = try exchange.form()
        let (name, password) = (try form.text("name"), try form.text("password"))
        do {
            let new = try await exchange.services.logIn(name: name, password: password, exchange)
            return enter(new, exchange)
        } catch {
            let problem = Problem(error)
            guard problem.status.code < 500 else { throw error }
            exchange.notes.set(code: problem.code)
            return showLogIn(exchange, name: name, problem: problem)
        }
    }

    private static func showSetUp(_ exchange: Exchange) async throws -> Response {
        let token = exchange.query["token"] ?? ""
        return try await setUpPage(exchange, token: token)
    }

    private static func setUpPage(
        _ exchange: Exchange, token: String, name: String = "", problem: Problem? = nil
    ) async throws -> Response {
        var owner: String?
        if !exchange.services.firstLink.isOpen(token) {
            guard let account = try await exchange.services.desk.change({ try $0.setUpAccount(token: token) }) else {
                throw Problem(
                    .notFound, "setup.bad-link", "this link was used, is too old, or never was one",
                    mend: "ask an administrator for another")
            }
            owner = account.name
        }
        let visit = exchange.visit ?? RandomToken.make(bytes: 32)
        var response = Response.page(
            ReviewPages.setUp(
                token: token, csrf: VisitToken.csrf(of: visit), owner: owner, name: name, problem: problem?.sentences),
            status: problem?.status ?? .ok)
        exchange.services.cookies.set(exchange.services.cookies.visit, visit, in: &response)
        return response
    }

    private static func setUp(_ exchange: Exchange) async throws -> Response {
        let form = try exchange.form()
        let (token, password) = (try form.text("token"), try form.text("password"))
        let name = form["name"] ?? ""
        do {
            guard password.utf8.elementsEqual(try form.text("again").utf8) else { throw Self.differ }
            let new = try await exchange.services.setUp(token: token, name: name, password: password, exchange)
            return enter(new, exchange)
        } catch {
            let problem = Problem(error)
            guard problem.status.code < 500, problem.code != "setup.bad-link" else { throw error }
            exchange.notes.set(code: problem.code)
            return try await setUpPage(exchange, token: token, name: name, problem: problem)
        }
    }

    private static func logOut(_ exchange: Exchange, _ session: Session) async throws -> Response {
        var response = Response.redirect(to: "/login")
        try await SessionRoutes.end(session, exchange, &response)
        return response
    }

    private static func changePassword(_ exchange: Exchange, _ session: Session) async throws -> Response {
        try await exchange.form(back: "/account", session) { form in
            let (current, password) = (try form.text("current"), try form.text("password"))
            guard password.utf8.elementsEqual(try form.text("again").utf8) else { throw Self.differ }
            let new = try await exchange.services.changePassword(from: current, to: password, session, exchange)
            exchange.services.notices.leave(Notice(.done, "The password was changed."), for: new.session.digest)
            var response = Response.redirect(to: "/account")
            exchange.services.cookies.set(exchange.services.cookies.session, new.token, in: &response)
            return response
        }
    }

    /// Into the work with a new session.
    private static func enter(_ new: NewSession, _ exchange: Exchange) -> Response {
        var response = Response.redirect(to: "/judge")
        exchange.services.cookies.set(exchange.services.cookies.session, new.token, in: &response)
        return response
    }

    private static let differ = Problem(
        .badRequest, "password.differ", "the two passwords are not the same", mend: "type the password twice")
}

extension Problem {
    /// What is wrong and how to mend it, as two sentences.
    var sentences: String { "\(Self.sentence(message)) \(Self.sentence(remedy))" }
}
