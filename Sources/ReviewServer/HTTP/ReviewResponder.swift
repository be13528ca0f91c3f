internal import Diagnostics
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import Preferences

/// What the framework keeps for one request.
struct ReviewContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The address of whoever connected.
    let peer: String?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        peer = source.channel.remoteAddress?.ipAddress
    }
}

/// Answers requests: every one passes the same checks in the same order before a route sees it.
///
/// The host's name; the route; for changes the page that it comes from; the session; the role; the type and the size of
/// the body; the CSRF token. What is not allowed by all of them is not done.
struct ReviewResponder: HTTPResponder {
    typealias Context = ReviewContext

    let services: ReviewServices
    let table: RouteTable

    /// So long may an address be, in bytes.
    static let greatestPath = 4096

    func respond(to request: Request, context: ReviewContext) async throws -> Response {
        let notes = RequestNotes()
        let clock = ContinuousClock()
        let start = clock.now
        let address = services.options.isBehindProxy ? ClientAddress.forwarded(request.head) : context.peer
        var response: Response
        do {
            response = try await answer(request, address: address, notes)
        } catch {
            let problem = Problem(error)
            notes.set(code: problem.code)
            let isAPI = (request.head.path ?? "").hasPrefix("/api/")
            response = problem.response(isAPI: isAPI, incident: notes.id)
        }
        if request.method == .head { response = response.createHeadResponse() }
        SecurityHeaders.add(to: &response, isTLS: services.options.certificate != nil)
        let took = (clock.now - start) / .milliseconds(1)
        services.log.request(
            notes, method: request.method.rawValue, status: response.status.code, milliseconds: Int(took),
            address: address)
        return response
    }

    private func answer(_ request: Request, address: String?, _ notes: RequestNotes) async throws -> Response {
        let head = request.head
        let authority = try checkedHost(head)
        guard let target = head.path, target.hasPrefix("/"), target.utf8.count <= Self.greatestPath else {
            throw Problem(.badRequest, "request.bad-path", "the address is not one of this server", mend: "check it")
        }
        let parts = target.utf8.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        let route: Route
        let parameters: [String: String]
        switch table.match(
            head.method == .head ? .get : head.method, path: String(decoding: Array(parts[0]), as: UTF8.self))
        {
        case .route(let found, let values): (route, parameters) = (found, values)
        case .nothing:
            throw Problem(.notFound, "request.unknown-path", "there is nothing here", mend: "check the address")
        case .otherMethods(let methods):
            notes.set(code: "request.method")
            let problem = Problem(
                .methodNotAllowed, "request.method", "this cannot be done here", mend: "see /api/v1/openapi.yaml")
            var response = problem.response(isAPI: target.hasPrefix("/api/"), incident: notes.id)
            response.headers[.allow] = methods.map(\.rawValue).sorted().joined(separator: ", ")
            return response
        }
        notes.set(route: route.path)
        if route.method == .post, !OriginCheck.allows(head, authority: authority, isSecure: services.options.isSecure) {
            notes.set(event: "request.foreign-page")
            throw Problem(
                .forbidden, "request.foreign-page", "the request comes from another site's page", mend: "use this page")
        }
        let query = parts.count == 2 && route.method == .get ? try FormFields(parsing: parts[1]) : FormFields()
        var exchange = Exchange(
            services: services, route: route, parameters: parameters, query: query, head: head, address: address,
            notes: notes, token: services.cookies.value(services.cookies.session, in: head),
            visit: services.cookies.value(services.cookies.visit, in: head))
        switch route.action {
        case .open(let handle):
            exchange.body = try await body(of: request, for: route)
            if route.needsToken { try checkVisit(exchange) }
            return try await handle(exchange)
        case .role(let role, let handle):
            guard let session = try await session(exchange) else { return try await askToLogIn(route) }
            notes.set(account: session.account.reviewer)
            guard session.account.role >= role else {
                notes.set(event: "request.denied")
                throw Problem(
                    .forbidden, "request.role", "this is for another role", mend: "ask an administrator for it")
            }
            exchange.body = try await body(of: request, for: route)
            if route.needsToken { try check(session, exchange) }
            return try await handle(exchange, session)
        }
    }

    /// The authority that the request names, when it is one of this server's; exactly one is there.
    private func checkedHost(_ head: HTTPRequest) throws -> String {
        guard let authority = head.authority, !authority.isEmpty,
            HTTPField.Name("host").map({ head.headerFields[values: $0].isEmpty }) ?? true
        else {
            throw Problem(
                .badRequest, "request.host", "the request must name one host", mend: "send one Host field")
        }
        guard services.names.contains(host: authority) else {
            throw Problem(
                .misdirectedRequest, "request.foreign-host", "this server does not go by that name",
                mend: "use its own name, or give the name with --name when it starts")
        }
        return authority
    }

    private func session(_ exchange: Exchange) async throws -> Session? {
        guard let token = exchange.token else { return nil }
        let isActivity = exchange.route.isActivity
        return try await services.desk.change { try $0.session(token: token, isActivity: isActivity) }
    }

    private func askToLogIn(_ route: Route) async throws -> Response {
        guard route.isAPI else { return .redirect(to: "/login") }
        throw Problem(.unauthorized, "session.none", "nobody is logged in, or the session is over", mend: "log in")
    }

    private func body(of request: Request, for route: Route) async throws -> Exchange.Body {
        guard route.body != .none else { return .none }
        let type = request.headers[.contentType]?.utf8.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
        guard let type, String(decoding: Array(type), as: UTF8.self).lowercased() == route.body.rawValue else {
            throw Problem(
                .unsupportedMediaType, "request.content-type", "the body's type must be \(route.body.rawValue)",
                mend: "send it as that, and say so in Content-Type")
        }
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: services.options.limits.bodyBytes)
        } catch is NIOTooManyBytesError {
            throw Problem(
                .contentTooLarge, "request.too-large",
                "the body is larger than \(services.options.limits.bodyBytes) bytes", mend: "send less")
        }
        let bytes = Array(buffer.readableBytesView)
        return route.body == .json
            ? .json(try BodyFields(parsing: bytes)) : .form(try FormFields(parsing: bytes))
    }

    private func check(_ session: Session, _ exchange: Exchange) throws {
        let given: String?
        switch exchange.body {
        case .form(let fields): given = fields["csrf"]
        case .json, .none: given = HTTPField.Name("x-csrf-token").flatMap { exchange.head.headerFields[$0] }
        }
        guard let given, session.hasCSRFToken(given) else { throw badToken(exchange) }
    }

    private func checkVisit(_ exchange: Exchange) throws {
        guard case .form(let fields) = exchange.body, let given = fields["csrf"], let visit = exchange.visit,
            VisitToken.matches(given, visit: visit)
        else { throw badToken(exchange) }
    }

    private func badToken(_ exchange: Exchange) -> Problem {
        exchange.notes.set(event: "request.csrf")
        return Problem(
            .forbidden, "request.csrf", "the request has no token of this session, or an old one",
            mend: "load the page anew and try again")
    }
}
