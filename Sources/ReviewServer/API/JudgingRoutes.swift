internal import Diagnostics
internal import Hummingbird
internal import Preferences
internal import StrictJSON

/// Cases, answers and taking them back.
enum JudgingRoutes {
    static let all: [Route] = [
        .post("/api/v1/judge/next", .reviewer) { try await next(.judge, $0, $1) },
        .post("/api/v1/arena/next", .reviewer) { try await next(.arena, $0, $1) },
        .post("/api/v1/leases/extend", .reviewer, .json, extend),
        .post("/api/v1/leases/release", .reviewer, .json, release),
        .get("/api/v1/judgements", .reviewer, isActivity: true, own),
        .post("/api/v1/judgements", .reviewer, .json, judge),
        .post("/api/v1/judgements/undo", .reviewer, .json, undo),
        .get("/api/v1/presentations/{presentation}", .reviewer, isActivity: true, show),
        .post("/api/v1/presentations/{presentation}/edit", .reviewer, .json, edit),
    ]

    private static func next(_ kind: ReviewKind, _ exchange: Exchange, _ session: Session) async throws -> Response {
        let fields = try exchange.json()
        try fields.allowOnly("holding", "screen")
        var holding: [Int64] = []
        for value in try fields.list("holding", atMost: 4) {
            guard let id = value.int, id > 0 else { throw fields.bad("holding", "not a list of presentations") }
            holding.append(Int64(id))
        }
        let screen = try JudgementBody.screen(fields.optionalObject("screen"))
        let (reviewer, besides, seconds) = (session.account.reviewer, holding, exchange.services.options.leaseSeconds)
        let viewer = exchange.services.viewer
        return try await exchange.change(session) { store in
            let shown = try store.nextCase(kind, for: reviewer, besides: besides, leaseSeconds: seconds, screen: screen)
            let found = try shown.map { try CaseShape.json(of: $0, for: reviewer, in: store, viewer) } ?? .null
            let remaining = try store.waitingCount(kind, for: reviewer)
            return .json(["case": found, "remaining": JSONValue(remaining as Int?)])
        }
    }

    private static func extend(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let fields = try exchange.json()
        try fields.allowOnly("presentation")
        let id = try fields.id("presentation")
        let (reviewer, seconds) = (session.account.reviewer, exchange.services.options.leaseSeconds)
        let until = try await exchange.change(session) {
            try $0.renewLease(presentation: id, by: reviewer, leaseSeconds: seconds)
        }
        return .json(["presentation": JSONValue(id), "lease_expires_at": JSONValue(until)])
    }

    private static func release(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let fields = try exchange.json()
        try fields.allowOnly("presentation")
        let id = try fields.id("presentation")
        let reviewer = session.account.reviewer
        try await exchange.change(session) { try $0.releaseLease(presentation: id, by: reviewer) }
        return .json(["done": true])
    }

    private static func judge(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let fields = try exchange.json()
        let judgement = try JudgementBody.judgement(fields)
        let id = try fields.id("presentation")
        let revision = try fields.integer("revision", in: 0...1_000_000)
        let key = try fields.text("key")
        let reviewer = session.account.reviewer
        let kept = try await exchange.change(session) {
            try $0.record(judgement, on: id, by: reviewer, revision: revision, requestKey: key)
        }
        return .json([
            "presentation": JSONValue(kept.presentation), "revision": JSONValue(kept.revision as Int?),
            "at": JSONValue(kept.at),
        ])
    }

    private static func undo(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let fields = try exchange.json()
        try fields.allowOnly("presentation", "revision", "key")
        let id = try fields.id("presentation")
        let revision = try fields.integer("revision", in: 1...1_000_000)
        let key = try fields.text("key")
        let (reviewer, seconds) = (session.account.reviewer, exchange.services.options.leaseSeconds)
        let viewer = exchange.services.viewer
        return try await exchange.change(session) { store in
            _ = try store.undo(
                presentation: id, by: reviewer, revision: revision, leaseSeconds: seconds, requestKey: key)
            let shown = try store.presentation(id)
            return .json(["case": try CaseShape.json(of: shown, for: reviewer, in: store, viewer)])
        }
    }

    private static func own(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let reviewer = session.account.reviewer
        let answers = try await exchange.reading(session) { try $0.ownJudgements(of: reviewer) }
        return .json([
            "judgements": .array(
                answers.map { answer in
                    [
                        "presentation": JSONValue(answer.presentation), "kind": .string(answer.kind.rawValue),
                        "revision": JSONValue(answer.revision as Int?), "choice": .string(answer.choice.rawValue),
                        "strength": JSONValue(answer.strength?.rawValue), "at": JSONValue(answer.at),
                    ]
                })
        ])
    }

    private static func show(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let id = try exchange.id("presentation")
        let (reviewer, viewer) = (session.account.reviewer, exchange.services.viewer)
        return try await exchange.change(session) { store in
            let shown = try own(id, of: reviewer, in: store)
            try store.recordView("presentation", String(id))
            let answer = try store.judgements(ofPresentation: id).last?.judgement
            return .json([
                "case": try CaseShape.json(of: shown, for: reviewer, in: store, viewer),
                "answer": answer.map(AnswerShape.json) ?? .null,
            ])
        }
    }

    private static func edit(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let id = try exchange.id("presentation")
        let fields = try exchange.json()
        try fields.allowOnly("side", "text", "key", "reason", "significant", "active_ms")
        let side: Judgement.Side = try fields.choice("side")
        let correction = try CorrectionBody(fields)
        let key = try fields.text("key")
        let reviewer = session.account.reviewer
        let kept = try await exchange.change(session) { store in
            _ = try own(id, of: reviewer, in: store)
            return try store.correctPresented(
                id, side: side, with: correction.edit, by: reviewer, requestKey: key)
        }
        return .json(CorrectionBody.json(kept))
    }

    /// A presentation of the reader's own; another's looks as if it were not there.
    private static func own(_ id: Int64, of reviewer: String, in store: PreferenceStore) throws -> Presentation {
        let shown = try store.presentation(id)
        guard shown.reviewer.utf8.elementsEqual(reviewer.utf8) else {
            throw Refusal(
                code: "presentation.unknown", at: "presentation", "the store has no presentation with this number",
                mend: "ask for the next pair")
        }
        return shown
    }
}
