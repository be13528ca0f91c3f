internal import Diagnostics
internal import HTTPTypes
internal import Hummingbird
internal import Preferences

/// One request on its way: what came, who asks, and what the answer is made with.
struct Exchange: Sendable {
    /// What came with the request.
    enum Body: Sendable {
        case none
        case json(BodyFields)
        case form(FormFields)
    }

    let services: ReviewServices
    let route: Route
    let parameters: [String: String]
    let query: FormFields
    let head: HTTPRequest
    /// The client's address; behind a proxy, the one that the proxy says.
    let address: String?
    let notes: RequestNotes
    /// The session's token, as the cookie has it; or that of the visit to the log-in page.
    var token: String?
    var visit: String?
    var body = Body.none

    /// The body's JSON object.
    func json() throws(Refusal) -> BodyFields {
        guard case .json(let fields) = body else { throw Self.noBody }
        return fields
    }

    /// The form's fields.
    func form() throws(Refusal) -> FormFields {
        guard case .form(let fields) = body else { throw Self.noBody }
        return fields
    }

    /// A row's number in the path.
    func id(_ name: String) throws(Refusal) -> Int64 {
        guard let text = parameters[name], let id = Int64(text), id > 0, String(id) == text else {
            throw Refusal(
                code: "request.unknown-path", at: "path", "there is nothing with this number", mend: "check the address"
            )
        }
        return id
    }

    /// A word in the path.
    func word(_ name: String) -> String { parameters[name] ?? "" }

    /// Does work that may change the store, in the name of a session.
    func change<Value: Sendable>(
        _ session: Session, _ work: @escaping @Sendable (PreferenceStore) throws -> Value
    ) async throws -> Value {
        let address = self.address
        return try await services.desk.change { store in
            try work(store.acting(as: session.account.reviewer, session: session.digest, address: address))
        }
    }

    /// Does a longer reading, in the name of a session.
    func reading<Value: Sendable>(
        _ session: Session, _ work: @escaping @Sendable (PreferenceStore) throws -> Value
    ) async throws -> Value {
        let address = self.address
        return try await services.desk.reading { store in
            try work(store.acting(as: session.account.reviewer, session: session.digest, address: address))
        }
    }

    private static let noBody = Refusal(
        .ourBug, code: "request.no-body", at: "route", "a route asked for a body that it does not take",
        mend: "report it")
}
