internal import Conventions
internal import Diagnostics
internal import HTTPTypes
internal import Hummingbird
internal import Preferences
internal import StrictJSON

/// Drafts to correct, unfinished text, and hints.
enum CorrectingRoutes {
    static let all: [Route] = [
        .post("/api/v1/correct/next", .reviewer, .json, next),
        .post("/api/v1/correct/extend", .reviewer, .json, extend),
        .post("/api/v1/drafts", .reviewer, .json, save),
        .post("/api/v1/corrections", .reviewer, .json, correct),
        .post("/api/v1/corrections/close", .reviewer, .json, close),
        .post("/api/v1/hints", .reviewer, .json, hints),
    ]

    private static func next(_ exchange: Exchange, _ session: Session) async throws -> Response {
        try exchange.json().allowOnly()
        let (reviewer, viewer) = (session.account.reviewer, exchange.services.viewer)
        return try await exchange.change(session) { store in
            let task = try store.nextCorrection(for: reviewer)
            let found = try task.map { task in
                shape(
                    task, try store.draft(of: .correction(task: task.id), by: reviewer),
                    viewer: task.exam.flatMap { viewer?.address(exam: $0) })
            }
            let remaining = try store.waitingCorrectionCount(for: reviewer)
            return .json(["task": found ?? .null, "remaining": JSONValue(remaining as Int?)])
        }
    }

    private static func shape(_ task: CorrectionTask, _ saved: Draft?, viewer: String?) -> JSONValue {
        [
            "task": JSONValue(task.id), "exam": ExamShape.json(modality: task.modality, bodyPart: task.bodyPart),
            "context": ContextShape.json(task.prompt), "draft": .string(task.draft.plainText),
            "saved": saved.map {
                ["text": .string($0.text), "revision": JSONValue($0.sequence), "saved_at": JSONValue($0.saved)]
            } ?? .null, "viewer": JSONValue(viewer), "guideline": JSONValue(task.guideline),
            "lease_expires_at": JSONValue(task.leaseExpires),
        ]
    }

    private static func extend(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let fields = try exchange.json()
        try fields.allowOnly("task")
        let id = try fields.id("task")
        let reviewer = session.account.reviewer
        let until = try await exchange.change(session) { try $0.renewCorrectionLease(id, by: reviewer) }
        return .json(["task": JSONValue(id), "lease_expires_at": JSONValue(until)])
    }

    private enum Subject: String, CaseIterable { case task, presentation, pair }

    private static func save(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let fields = try exchange.json()
        try fields.allowOnly("of", "id", "text", "revision")
        let id = try fields.id("id")
        let task: DraftTask =
            switch try fields.choice("of", Subject.self) {
            case .task: .correction(task: id)
            case .presentation: .judgement(presentation: id)
            case .pair: .adjudication(pair: id)
            }
        let text = try fields.text("text", bytes: 0...65_536)
        let revision = Int64(try fields.integer("revision", in: 0...Int(Int32.max)))
        let reviewer = session.account.reviewer
        let saving = try await exchange.change(session) { store -> DraftSaving in
            let saving = try store.saveDraft(text, sequence: revision + 1, task: task, by: reviewer)
            // The same text again, because the answer to the first request was lost on the way.
            guard saving == .older(newest: revision + 1), let kept = try store.draft(of: task, by: reviewer),
                kept.text.utf8.elementsEqual(text.utf8)
            else { return saving }
            return .kept
        }
        switch saving {
        case .kept:
            return .json(["revision": JSONValue(revision + 1), "saved_at": JSONValue(UTCTime.current())])
        case .older(let newest):
            throw Problem(
                .conflict, "draft.older", "a newer text, of revision \(newest), is kept already",
                mend: "load it and go on from there")
        case .committed:
            throw Problem(.conflict, "draft.committed", "the case was handed in", mend: "go on with the next one")
        }
    }

    private static func correct(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let fields = try exchange.json()
        try fields.allowOnly("task", "text", "key", "reason", "significant", "active_ms")
        let id = try fields.id("task")
        let correction = try CorrectionBody(fields)
        let key = try fields.text("key")
        let reviewer = session.account.reviewer
        let kept = try await exchange.change(session) {
            try $0.correct(id, with: correction.edit, by: reviewer, requestKey: key)
        }
        return .json(CorrectionBody.json(kept))
    }

    private static func close(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let fields = try exchange.json()
        try fields.allowOnly("task", "outcome", "key", "active_ms")
        let id = try fields.id("task")
        let outcome: CorrectionOutcome = try fields.choice("outcome")
        let key = try fields.text("key")
        let active = try fields.optionalInteger("active_ms", in: 0...JudgementBody.greatestTime)
        let reviewer = session.account.reviewer
        try await exchange.change(session) {
            try $0.closeCorrection(id, as: outcome, by: reviewer, activeMilliseconds: active, requestKey: key)
        }
        return .json(["done": true])
    }

    private static func hints(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let fields = try exchange.json()
        try fields.allowOnly("task", "text")
        let id = try fields.id("task")
        let text = try fields.text("text", bytes: 0...65_536)
        guard let checker = exchange.services.checker else { return .json(["hints": []]) }
        let reviewer = session.account.reviewer
        let outcomes = try await exchange.reading(session) { store in
            checker.check(text, findings: try store.correction(id, for: reviewer).prompt.plainText)
        }
        let findings = outcomes.flatMap(\.findings).prefix(50)
        return .json([
            "hints": .array(findings.map { ["rule": .string($0.rule), "message": .string($0.message)] })
        ])
    }
}
