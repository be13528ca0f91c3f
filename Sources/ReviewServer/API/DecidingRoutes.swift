internal import Diagnostics
internal import Hummingbird
internal import Preferences
internal import StrictJSON

/// Disagreements, and the decisions of a third reader.
enum DecidingRoutes {
    static let all: [Route] = [
        .get("/api/v1/conflicts", .lead, isActivity: true, list),
        .get("/api/v1/conflicts/{pair}", .lead, isActivity: true, show),
        .post("/api/v1/adjudications", .lead, .json, decide),
    ]

    private static func list(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let found = try await exchange.reading(session) { try $0.conflictList() }
        return .json([
            "conflicts": .array(
                found.map {
                    [
                        "pair": JSONValue($0.pair),
                        "exam": ExamShape.json(modality: $0.modality, bodyPart: $0.bodyPart),
                        "readers": JSONValue($0.readers as Int?),
                    ]
                })
        ])
    }

    private static func show(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let pair = try exchange.id("pair")
        let (reviewer, viewer) = (session.account.reviewer, exchange.services.viewer)
        return try await exchange.change(session) { store in
            let found = try store.disagreement(pair: pair, for: reviewer)
            try store.recordView("disagreement", String(pair))
            return .json([
                "pair": JSONValue(found.pair), "revision": JSONValue(found.revision as Int?),
                "exam": ExamShape.json(modality: found.modality, bodyPart: found.bodyPart),
                "context": ContextShape.json(found.prompt), "left": .string(found.left.plainText),
                "right": .string(found.right.plainText),
                "viewer": JSONValue(found.exam.flatMap { viewer?.address(exam: $0) }),
                "guideline": JSONValue(found.guideline),
                "answers": .array(
                    found.answers.map {
                        ["reader": .string($0.reader), "answer": AnswerShape.json($0.judgement)]
                    }),
            ])
        }
    }

    /// What is decided, by the sides of the screen.
    private enum Outcome: String, CaseIterable {
        case left
        case right
        case bothGood = "both_good"
        case bothBad = "both_bad"
        case exclude

        func stored(leftIsX: Bool) -> Adjudication.Outcome {
            switch self {
            case .left: leftIsX ? .x : .y
            case .right: leftIsX ? .y : .x
            case .bothGood: .bothGood
            case .bothBad: .bothBad
            case .exclude: .exclude
            }
        }
    }

    private static func decide(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let fields = try exchange.json()
        try fields.allowOnly("pair", "revision", "outcome", "basis", "error_source", "strength", "note")
        let pair = try fields.id("pair")
        let revision = try fields.integer("revision", in: 0...1_000_000)
        let outcome: Outcome = try fields.choice("outcome")
        let basis: Adjudication.Basis = try fields.choice("basis")
        let source: Adjudication.ErrorSource? = try fields.optionalChoice("error_source")
        let strength = try JudgementBody.strength(fields)
        let note = try fields.optionalText("note", bytes: 0...16_384)
        let reviewer = session.account.reviewer
        try await exchange.change(session) { store in
            // Which side is which was drawn once for this pair and person, and is looked up again.
            let shown = try store.disagreement(pair: pair, for: reviewer)
            let decision = Adjudication(
                outcome.stored(leftIsX: shown.leftIsX), basis: basis, errorSource: source, strength: strength,
                note: note?.isEmpty == true ? nil : note)
            try store.adjudicate(decision, pair: pair, by: reviewer, revision: revision)
        }
        return .json(["pair": JSONValue(pair), "revision": JSONValue(revision + 1 as Int?)])
    }
}
