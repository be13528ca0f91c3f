internal import Diagnostics
internal import HTTPTypes
internal import Hummingbird
internal import Markup
internal import ReviewPages
internal import StrictJSON

/// What goes wrong, as an answer: a status, a code and two sentences, never a place on this machine.
struct Problem: Error {
    let status: HTTPResponse.Status
    let code: String
    let message: String
    let remedy: String
    /// Seconds to wait before trying again.
    var retryAfter: Int?

    init(_ status: HTTPResponse.Status, _ code: String, _ message: String, mend remedy: String, retryAfter: Int? = nil)
    {
        self.status = status
        self.code = code
        self.message = message
        self.remedy = remedy
        self.retryAfter = retryAfter
    }

    /// The answer to an error: a refusal's own words, or for what is not known only that it happened.
    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let refusal as Refusal: self = Problem(refusal)
        default:
            self = Problem(
                .internalServerError, "server.failed", "something went wrong here; nothing was changed",
                mend: "try again, and report the incident's number if it stays")
        }
    }

    private init(_ refusal: Refusal) {
        status = Self.status(of: refusal)
        code = refusal.code
        // Where it is, is said of the request's own fields only: elsewhere it is a path on this machine.
        let isOfRequest = refusal.code.hasPrefix("request.") || refusal.code.hasPrefix("json.")
        message = isOfRequest ? "\(refusal.location): \(refusal.problem)" : refusal.problem
        remedy = refusal.remedy
        retryAfter = refusal.code == "login.busy" ? 5 : nil
    }

    private static func status(of refusal: Refusal) -> HTTPResponse.Status {
        if let known = statuses[refusal.code] { return known }
        switch refusal.kind {
        case .badInput: return .badRequest
        case .environment: return .serviceUnavailable
        case .trainingStopped, .ourBug: return .internalServerError
        }
    }

    /// Another reader's cases and those that are not there look alike.
    private static let statuses: [String: HTTPResponse.Status] = [
        "login.refused": .unauthorized, "login.busy": .tooManyRequests,
        "reviewer.inactive": .forbidden, "reviewer.unknown": .forbidden,
        "request.unknown-path": .notFound, "presentation.unknown": .notFound,
        "presentation.other-reader": .notFound, "pair.unknown": .notFound, "candidate.unknown": .notFound,
        "account.unknown": .notFound, "correction.unknown": .notFound, "setup.bad-link": .notFound,
        "draft.other-reader": .notFound, "edit.other-presentation": .notFound,
        "judgement.stale": .conflict, "judgement.key-reused": .conflict, "judgement.nothing-to-undo": .conflict,
        "lease.lost": .conflict, "lease.too-many": .conflict, "correction.key-reused": .conflict,
        "correction.done": .conflict, "adjudication.stale": .conflict,
        "edit.known": .conflict, "guideline.differs": .conflict, "account.exists": .conflict,
        "account.last-administrator": .conflict, "account.disabled": .conflict, "draft.older": .conflict,
        "draft.committed": .conflict, "request.too-large": .contentTooLarge,
        "request.content-type": .unsupportedMediaType,
    ]

    /// As JSON or as a page; `incident` is the id under which the log has it.
    func response(isAPI: Bool, incident: String) -> Response {
        let shown = status.code >= 500 ? incident : nil
        var response: Response
        if isAPI {
            var error: JSONObject = [
                "code": .string(code), "message": .string(message), "remedy": .string(remedy),
            ]
            if let shown { error.members.append(JSONObject.Member("incident", .string(shown))) }
            response = .json(["error": .object(error)], status: status)
        } else {
            let page = ProblemPage(
                title: Self.title(status), message: Self.sentence(message), remedy: Self.sentence(remedy),
                incident: shown)
            response = .page(ReviewPages.problem(nil, page), status: status)
        }
        if let retryAfter { response.headers[.retryAfter] = String(retryAfter) }
        return response
    }

    /// A clause as a sentence.
    static func sentence(_ clause: String) -> String {
        guard let first = clause.unicodeScalars.first else { return "" }
        return String(first).uppercased() + String(String.UnicodeScalarView(clause.unicodeScalars.dropFirst())) + "."
    }

    private static func title(_ status: HTTPResponse.Status) -> String {
        switch status {
        case .notFound: "There is no such page"
        case .forbidden: "This page is not for your role"
        case .tooManyRequests: "Too many attempts"
        case .unauthorized: "Not logged in"
        case .conflict: "Somebody was faster"
        default: status.code >= 500 ? "Something went wrong" : "This request cannot be answered"
        }
    }
}

extension Response {
    /// A JSON object.
    static func json(_ object: JSONObject, status: HTTPResponse.Status = .ok) -> Response {
        bytes(JSONValue.object(object).serializedBytes(), type: "application/json", status: status)
    }

    /// A page.
    static func page(_ html: HTMLText, status: HTTPResponse.Status = .ok) -> Response {
        bytes(html.bytes, type: "text/html; charset=utf-8", status: status)
    }

    /// Bytes of a type.
    static func bytes(_ bytes: [UInt8], type: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// Sends the browser to a page with GET.
    static func redirect(to path: String) -> Response {
        Response(status: .seeOther, headers: [.location: path])
    }
}
