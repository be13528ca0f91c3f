internal import Foundation
internal import GRDB

extension StoreSchema {
    /// An index that many new rows are better kept without until they are all there.
    struct Index {
        let name: String
        let sql: String

        init(_ name: String, on place: String, isUnique: Bool = false) {
            self.name = name
            sql = "CREATE \(isUnique ? "UNIQUE " : "")INDEX \(name) ON \(place)"
        }
    }

    /// Every index of `prompt` and `pair`: each has a name, so that it can be left out and made again.
    ///
    /// Two pairs of the same content have the same texts in any order, so `pair_by_texts` keeps them apart, too.
    static let pairIndexes = [
        Index("prompt_by_text", on: "prompt (sha256)", isUnique: true),
        Index("pair_by_key", on: "pair (pair_key)", isUnique: true),
        Index("pair_by_texts", on: "pair (unordered_sha256)", isUnique: true),
        Index("pair_by_batch", on: "pair (batch_id)"),
    ]

    /// The tables of version 4: the same columns, a pair's digests as bytes, and a batch that is written after its pairs.
    private static let pairTables = """
        CREATE TABLE new_prompt (
            prompt_id INTEGER PRIMARY KEY,
            sha256 TEXT NOT NULL,
            form TEXT NOT NULL CHECK (form IN ('text', 'messages')),
            content TEXT NOT NULL
        ) STRICT;

        CREATE TABLE new_pair (
            pair_id INTEGER PRIMARY KEY,
            pair_key TEXT NOT NULL,
            prompt_id INTEGER NOT NULL REFERENCES prompt,
            exam_id INTEGER REFERENCES exam,
            chosen TEXT NOT NULL,
            rejected TEXT NOT NULL CHECK (rejected <> chosen),
            content_sha256 BLOB NOT NULL CHECK (length(content_sha256) = 32),
            unordered_sha256 BLOB NOT NULL CHECK (length(unordered_sha256) = 32),
            record_sha256 BLOB NOT NULL CHECK (length(record_sha256) = 32),
            source TEXT,
            reviewer TEXT,
            created_at TEXT,
            rejected_kind TEXT CHECK (rejected_kind IN ('off_style', 'content_error', 'base_output')),
            finding_kinds TEXT NOT NULL,
            unseen_kind INTEGER NOT NULL CHECK (unseen_kind IN (0, 1)),
            designated_split TEXT CHECK (designated_split IN ('train', 'held_out')),
            findings TEXT,
            additional TEXT NOT NULL,
            batch_id INTEGER NOT NULL REFERENCES import_batch DEFERRABLE INITIALLY DEFERRED,
            line INTEGER NOT NULL
        ) STRICT;
        """

    /// How many rows move at a time: what one piece leaves free, the next one takes.
    private static let rowsAtOnce = 1000

    /// Makes `prompt` and `pair` anew, with their rows.
    ///
    /// The rows move piece by piece, so that the file does not grow to twice its size; what fails goes back as a whole.
    static func remakePairs(_ database: Database) throws {
        let bytes = DatabaseFunction("digest_bytes", argumentCount: 1, pure: true) { values in
            String.fromDatabaseValue(values[0]).flatMap { DigestValue(hex: $0) }
        }
        database.add(function: bytes)
        defer { database.remove(function: bytes) }
        try database.execute(sql: pairTables)
        for table in ["prompt", "pair"] {
            let columns = try database.columns(in: table).map(\.name)
            let values = columns.map { table == "pair" && $0.hasSuffix("_sha256") ? "digest_bytes(\($0))" : $0 }
            try database.execute(sql: "DROP TRIGGER \(table)_refuses_delete")
            let last = try Int64.fetchOne(database, sql: "SELECT max(\(table)_id) FROM \(table)") ?? 0
            var first = try Int64.fetchOne(database, sql: "SELECT min(\(table)_id) FROM \(table)") ?? 1
            while first <= last {
                let piece = "WHERE \(table)_id BETWEEN \(first) AND \(first + Int64(rowsAtOnce) - 1)"
                try database.execute(
                    sql: """
                        INSERT INTO new_\(table) (\(columns.joined(separator: ", ")))
                            SELECT \(values.joined(separator: ", ")) FROM \(table) \(piece) ORDER BY \(table)_id;
                        DELETE FROM \(table) \(piece);
                        """)
                first += Int64(rowsAtOnce)
            }
            try database.execute(sql: "DROP TABLE \(table); ALTER TABLE new_\(table) RENAME TO \(table)")
        }
        try database.execute(sql: appendOnly(["prompt", "pair"]).joined(separator: "\n"))
        for index in pairIndexes { try database.execute(sql: index.sql) }
    }
}
