public import Diagnostics
internal import GRDB
internal import StrictJSON

/// What an unfinished text belongs to.
public enum DraftTask: Sendable, Hashable {
    /// A comment or a corrected text beside a case.
    case judgement(presentation: Int64)
    /// A correction.
    case correction(task: Int64)
    /// A note beside a decision.
    case adjudication(pair: Int64)

    var column: String {
        switch self {
        case .judgement(let presentation): "presentation:\(presentation)"
        case .correction(let task): "correction:\(task)"
        case .adjudication(let pair): "adjudication:\(pair)"
        }
    }
}

/// A text that was saved while its writer was still at work.
public struct Draft: Sendable, Equatable {
    /// The number that the page gave this save; later saves have larger ones.
    public let sequence: Int64
    /// The text.
    public let text: String
    /// When it was saved.
    public let saved: UTCTime
}

/// What became of a save.
public enum DraftSaving: Sendable, Equatable {
    /// It is on the disk.
    case kept
    /// A save of this number or a larger one is there; nothing was changed.
    case older(newest: Int64)
    /// The task was handed in; nothing was changed.
    case committed
}

/// Unfinished texts between rows and values.
enum TextDrafts {
    /// Marks a task as handed in, which removes its text, or opens it again.
    static func set(committed: Bool, _ task: DraftTask, _ reader: Int64, _ database: Database) throws {
        try database.cachedStatement(
            sql: """
                UPDATE text_draft SET is_committed = :committed, content = CASE WHEN :committed THEN '' ELSE content END
                WHERE reviewer_id = :reader AND task = :task
                """
        ).execute(arguments: ["committed": committed, "reader": reader, "task": task.column])
    }
}

extension PreferenceStore {
    /// Saves an unfinished text; an older save never replaces a newer one.
    ///
    /// A skip keeps it, handing the task in removes it, and an undo opens the task again. Saves are no events: only what
    /// is handed in is recorded.
    ///
    /// - Parameters:
    ///   - text: at most 256 KiB without NUL.
    ///   - sequence: 0 or more; larger than that of every earlier save.
    ///   - task: what it belongs to.
    ///   - reviewer: the writer's key.
    /// - Throws: `store.bad-text`, `draft.other-reader` for a case or correction that is not this reader's.
    public func saveDraft(
        _ text: String, sequence: Int64, task: DraftTask, by reviewer: String
    ) throws(Refusal) -> DraftSaving {
        guard text.utf8.count <= 262_144, !text.holdsNUL, sequence >= 0 else {
            throw Refusal(
                code: "store.bad-text", at: "draft",
                "\(text.utf8.count) bytes; at most 262144 without NUL, and numbers from 0 on, are kept",
                mend: "shorten it")
        }
        let moment = now().description
        return try writing { database in
            let reader = try reviewerID(reviewer, database)
            let row = try Row.fetchOne(
                database.cachedStatement(
                    sql: "SELECT sequence, is_committed FROM text_draft WHERE reviewer_id = ? AND task = ?"),
                arguments: [reader, task.column])
            if let row {
                if row["is_committed"] { return .committed }
                if sequence <= row["sequence"] { return .older(newest: row["sequence"]) }
            } else {
                try requireOwn(task, reader, database)
            }
            try database.cachedStatement(
                sql: """
                    INSERT INTO text_draft VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT DO UPDATE
                    SET sequence = excluded.sequence, content = excluded.content, saved_at = excluded.saved_at
                    """
            ).execute(arguments: [reader, task.column, sequence, text, moment])
            return .kept
        }
    }

    /// The unfinished text of a task; nil when there is none or it was handed in.
    public func draft(of task: DraftTask, by reviewer: String) throws(Refusal) -> Draft? {
        try reading { database in
            let reader = try reviewerID(reviewer, database, mustBeActive: false)
            let row = try Row.fetchOne(
                database.cachedStatement(
                    sql: "SELECT * FROM text_draft WHERE reviewer_id = ? AND task = ? AND NOT is_committed"),
                arguments: [reader, task.column])
            guard let row, let saved = UTCTime(row["saved_at"]) else { return nil }
            return Draft(sequence: row["sequence"], text: row["content"], saved: saved)
        }
    }

    /// Refuses to keep text for what this reader was never given.
    private func requireOwn(_ task: DraftTask, _ reader: Int64, _ database: Database) throws {
        let (sql, arguments): (String, StatementArguments) =
            switch task {
            case .judgement(let id):
                ("SELECT 1 FROM presentation WHERE presentation_id = ? AND reviewer_id = ?", [id, reader])
            case .correction(let id):
                ("SELECT 1 FROM correction_slot WHERE task_id = ? AND reviewer_id = ?", [id, reader])
            case .adjudication(let id): ("SELECT 1 FROM judging_pair WHERE pair_id = ?", [id])
            }
        guard try Row.fetchOne(database.cachedStatement(sql: sql), arguments: arguments) == nil else { return }
        throw Refusal(
            code: "draft.other-reader", at: "draft", "this reader was not given what the text would belong to",
            mend: "ask for the next case")
    }
}
