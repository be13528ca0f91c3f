internal import Diagnostics
internal import Foundation
internal import GRDB
internal import StrictJSON

/// Pairs between rows and values.
enum StoredPairs {
    /// Where a record of a snapshot comes from.
    enum Origin: Sendable, Hashable {
        /// The row of an imported pair.
        case imported(Int64)
        /// A judged pair, with the answers and the adjudication that made its verdict.
        case judged(Int64, judgements: [Int64], adjudication: Int64?)
        /// An edit.
        case edited(Int64)

        var isImported: Bool { if case .imported = self { true } else { false } }
        var isAdjudicated: Bool { if case .judged(_, _, _?) = self { true } else { false } }

        /// How much is known of it: of two records of one preference the higher is kept.
        var rank: Int {
            switch self {
            case .imported: 0
            case .edited: 1
            case .judged(_, _, nil): 2
            case .judged(_, _, _?): 3
            }
        }
    }

    /// A pair with its origin.
    struct Stored: Sendable {
        let origin: Origin
        let pair: PreferencePair
    }

    private static let selection = """
        SELECT pair.*, prompt.form, prompt.content AS prompt_content, exam.exam_key, exam.patient_key, exam.modality,
            exam.body_part
        FROM pair JOIN prompt USING (prompt_id) LEFT JOIN exam USING (exam_id)
        """

    /// Every pair in the order of its import, each checked against its digest.
    static func all(_ database: Database, path: String) throws -> [Stored] {
        try fetch(database, selection + " ORDER BY pair_id", path: path)
    }

    /// The members of a snapshot, with the side of the split they are on.
    static func members(ofSnapshot id: Int64, _ database: Database, path: String) throws -> [Stored] {
        let sql = selection.replacingSelection() + " JOIN snapshot_member USING (pair_id) WHERE snapshot_id = \(id)"
        return try fetch(database, sql, path: path)
    }

    /// Every pair in turn, in the order of its import, each checked against its digest.
    static func forEach(_ database: Database, path: String, _ body: (Stored) throws -> Void) throws {
        try fetch(database, selection + " ORDER BY pair_id", path: path, body)
    }

    private static func fetch(_ database: Database, _ sql: String, path: String) throws -> [Stored] {
        var pairs: [Stored] = []
        try fetch(database, sql, path: path) { pairs.append($0) }
        return pairs
    }

    private static func fetch(
        _ database: Database, _ sql: String, path: String, _ body: (Stored) throws -> Void
    ) throws {
        let rows = try Row.fetchCursor(database, sql: sql)
        var batch: [Fetched] = []
        // Digests are compared on all processors, a batch of rows at a time.
        func give() throws {
            let isSound = batch.concurrentMap { fetched in
                fetched.digest != nil && fetched.pair.map { PairDigests.record(of: $0) } == fetched.digest
            }
            for (fetched, isSound) in zip(batch, isSound) {
                guard isSound, var pair = fetched.pair else {
                    throw Refusal(
                        .environment, code: "store.damaged", at: "\(path), pair row \(fetched.row)",
                        "the pair is not what was imported: its digest differs", mend: "go back to the last backup")
                }
                if let split = fetched.split { pair.split = split }
                try body(Stored(origin: .imported(fetched.row), pair: pair))
            }
            batch.removeAll(keepingCapacity: true)
        }
        while let row = try rows.next() {
            batch.append(
                Fetched(
                    row: row["pair_id"], digest: DigestValue(row["record_sha256"] as Data), pair: pair(row),
                    split: (row["member_split"] as String?).flatMap { PreferencePair.Split(rawValue: $0) }))
            if batch.count == 2048 { try give() }
        }
        try give()
    }

    /// A row that was read, before its digest is compared.
    private struct Fetched: Sendable {
        let row: Int64
        let digest: DigestValue?
        let pair: PreferencePair?
        let split: PreferencePair.Split?
    }

    private static func pair(_ row: Row) -> PreferencePair? {
        let form: String = row["form"]
        guard let prompt = text(row["prompt_content"], form), let chosen = text(row["chosen"], form),
            let rejected = text(row["rejected"], form),
            let kinds = json(row["finding_kinds"])?.array?.compactMap(\.string),
            let additional = json(row["additional"])?.object
        else { return nil }
        return PreferencePair(
            id: row["pair_key"], prompt: prompt, chosen: chosen, rejected: rejected, patient: row["patient_key"],
            exam: row["exam_key"], modality: row["modality"], bodyPart: row["body_part"], source: row["source"],
            reviewer: row["reviewer"], created: row["created_at"],
            split: (row["designated_split"] as String?).flatMap { PreferencePair.Split(rawValue: $0) },
            rejectedKind: (row["rejected_kind"] as String?).flatMap { PreferencePair.RejectedKind(rawValue: $0) },
            findingKinds: kinds, unseenKind: row["unseen_kind"], findings: row["findings"], additional: additional)
    }

    static func json(_ text: String) -> JSONValue? {
        try? JSONValue(parsing: Array(text.utf8), named: "store")
    }

    /// The stored form of a prompt or an answer.
    static func column(_ text: PromptText) -> (form: String, content: String) {
        switch text {
        case .text(let text): ("text", text)
        case .messages: ("messages", text.json.serialized())
        }
    }

    static func text(_ column: String, _ form: String) -> PromptText? {
        guard form == "messages" else { return .text(column) }
        guard let elements = json(column)?.array else { return nil }
        var messages: [PromptText.Message] = []
        for element in elements {
            guard let role = element["role"]?.string, let content = element["content"]?.string else { return nil }
            messages.append(PromptText.Message(role: role, content: content))
        }
        return .messages(messages)
    }

    /// The prompt's row, made when it is new.
    static func promptID(of prompt: PromptText, digest: String, _ database: Database) throws -> Int64 {
        let (form, content) = column(prompt)
        return try rowID(
            database, "SELECT prompt_id FROM prompt WHERE sha256 = ?", [digest],
            else: "INSERT INTO prompt (sha256, form, content) VALUES (?, ?, ?)", [digest, form, content])
    }

    static func rowID(
        _ database: Database, _ query: String, _ queryArguments: StatementArguments, else insertion: String,
        _ insertionArguments: StatementArguments
    ) throws -> Int64 {
        if let found = try Int64.fetchOne(database.cachedStatement(sql: query), arguments: queryArguments) {
            return found
        }
        try database.cachedStatement(sql: insertion).execute(arguments: insertionArguments)
        return database.lastInsertedRowID
    }
}

extension String {
    /// The selection with the member's split as one more column.
    fileprivate func replacingSelection() -> String {
        let wanted = "SELECT pair.*,"
        precondition(hasPrefix(wanted), "the selection begins with \(wanted)")
        return wanted + " snapshot_member.split AS member_split," + dropFirst(wanted.count)
    }
}
