internal import GRDB

/// The store's tables and how they came to be, one migration a version.
enum StoreSchema {
    /// `PRAGMA application_id`: "OvRd" in ASCII.
    static let applicationID = 0x4F76_5264
    /// `PRAGMA user_version` of the newest schema that this program knows.
    static let version = 4

    /// The migrations; each of a store that has a history adds `event` to its audit chain in the same transaction.
    static func migrator(recording event: AuditEvent? = nil) -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("v1") { database in
            try database.execute(sql: tables)
            try database.execute(sql: triggers)
            try database.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = 1")
        }
        migrator.registerMigration("v2", foreignKeyChecks: .immediate) { database in
            try database.execute(sql: judgingTables)
            try database.execute(sql: queueTables)
            try database.execute(sql: judgingTriggers)
            try database.execute(sql: "PRAGMA user_version = 2")
            try record(event, "schema 1 to 2", database)
        }
        migrator.registerMigration("v3", foreignKeyChecks: .immediate) { database in
            for part in [accountTables, reviewTables, reviewQueue] { try database.execute(sql: part) }
            try database.execute(sql: appendOnly(reviewEvents).joined(separator: "\n"))
            try PairStanding.rebuild(database)
            try database.execute(sql: "PRAGMA user_version = 3")
            try record(event, "schema 2 to 3", database)
        }
        // Foreign keys are off while tables are made anew, and all are checked before the end.
        migrator.registerMigration("v4", foreignKeyChecks: .deferred) { database in
            try remakePairs(database)
            try database.execute(sql: "PRAGMA user_version = 4")
            try record(event, "schema 3 to 4", database)
        }
        return migrator
    }

    /// Adds a step to the audit chain of a store that has a history.
    private static func record(_ event: AuditEvent?, _ step: String, _ database: Database) throws {
        guard var event, try AuditChain.head(database).sequence > 0 else { return }
        event.objectID = step
        try AuditChain.append(event, database)
    }

    /// The tables of version 1.
    ///
    /// Text columns compare as bytes (SQLite's BINARY collation); times are RFC 3339 in UTC; digests are hexadecimal
    /// SHA-256. Prompts and answers are plain text, or messages as compact JSON, as `prompt.form` says.
    private static let tables = """
        CREATE TABLE store_identity (
            single INTEGER PRIMARY KEY CHECK (single = 1),
            store_id TEXT NOT NULL,
            created_at TEXT NOT NULL
        ) STRICT;

        CREATE TABLE import_batch (
            batch_id INTEGER PRIMARY KEY,
            file_name TEXT NOT NULL,
            file_sha256 TEXT NOT NULL UNIQUE,
            file_bytes INTEGER NOT NULL,
            line_count INTEGER NOT NULL,
            taken_count INTEGER NOT NULL,
            skipped_count INTEGER NOT NULL,
            refused_count INTEGER NOT NULL,
            importer_version TEXT NOT NULL,
            imported_by TEXT NOT NULL,
            imported_at TEXT NOT NULL
        ) STRICT;

        CREATE TABLE exam (
            exam_id INTEGER PRIMARY KEY,
            exam_key TEXT UNIQUE,
            patient_key TEXT,
            modality TEXT,
            body_part TEXT
        ) STRICT;
        CREATE INDEX exam_by_patient ON exam (patient_key);

        CREATE TABLE prompt (
            prompt_id INTEGER PRIMARY KEY,
            sha256 TEXT NOT NULL UNIQUE,
            form TEXT NOT NULL CHECK (form IN ('text', 'messages')),
            content TEXT NOT NULL
        ) STRICT;

        CREATE TABLE pair (
            pair_id INTEGER PRIMARY KEY,
            pair_key TEXT NOT NULL UNIQUE,
            prompt_id INTEGER NOT NULL REFERENCES prompt,
            exam_id INTEGER REFERENCES exam,
            chosen TEXT NOT NULL,
            rejected TEXT NOT NULL CHECK (rejected <> chosen),
            content_sha256 TEXT NOT NULL UNIQUE,
            unordered_sha256 TEXT NOT NULL UNIQUE,
            record_sha256 TEXT NOT NULL,
            source TEXT,
            reviewer TEXT,
            created_at TEXT,
            rejected_kind TEXT CHECK (rejected_kind IN ('off_style', 'content_error', 'base_output')),
            finding_kinds TEXT NOT NULL,
            unseen_kind INTEGER NOT NULL CHECK (unseen_kind IN (0, 1)),
            designated_split TEXT CHECK (designated_split IN ('train', 'held_out')),
            findings TEXT,
            additional TEXT NOT NULL,
            batch_id INTEGER NOT NULL REFERENCES import_batch,
            line INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX pair_by_prompt ON pair (prompt_id);
        CREATE INDEX pair_by_exam ON pair (exam_id);
        CREATE INDEX pair_by_batch ON pair (batch_id);

        CREATE TABLE snapshot (
            snapshot_id INTEGER PRIMARY KEY,
            digest TEXT NOT NULL UNIQUE,
            created_at TEXT NOT NULL,
            member_count INTEGER NOT NULL,
            manifest TEXT NOT NULL
        ) STRICT;

        CREATE TABLE snapshot_member (
            snapshot_id INTEGER NOT NULL REFERENCES snapshot DEFERRABLE INITIALLY DEFERRED,
            pair_id INTEGER NOT NULL REFERENCES pair,
            split TEXT NOT NULL CHECK (split IN ('train', 'held_out')),
            PRIMARY KEY (snapshot_id, pair_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX snapshot_member_by_pair ON snapshot_member (pair_id);

        CREATE TABLE audit_event (
            sequence INTEGER PRIMARY KEY,
            at TEXT NOT NULL,
            monotonic_ms INTEGER NOT NULL,
            actor TEXT NOT NULL,
            session_sha256 TEXT,
            action TEXT NOT NULL,
            object_kind TEXT NOT NULL,
            object_id TEXT NOT NULL,
            revision INTEGER NOT NULL,
            before_sha256 TEXT,
            after_sha256 TEXT,
            source_address TEXT,
            previous_hash BLOB NOT NULL CHECK (length(previous_hash) = 32),
            hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32)
        ) STRICT;
        """

    /// The triggers of version 1: what was recorded stays.
    ///
    /// Rows of these tables are neither changed nor removed, and a snapshot is sealed by its
    /// own row, which is written after its members.
    private static var triggers: String {
        let tables = ["store_identity", "import_batch", "prompt", "pair", "snapshot", "snapshot_member", "audit_event"]
        var statements = appendOnly(tables)
        statements.append(
            """
            CREATE TRIGGER snapshot_is_sealed BEFORE INSERT ON snapshot_member
            WHEN EXISTS (SELECT 1 FROM snapshot WHERE snapshot_id = NEW.snapshot_id)
            BEGIN SELECT RAISE(ABORT, 'snapshot is sealed'); END;
            """)
        statements.append(
            """
            CREATE TRIGGER audit_event_is_next BEFORE INSERT ON audit_event
            WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM audit_event)
            BEGIN SELECT RAISE(ABORT, 'audit_event has a gap'); END;
            """)
        return statements.joined(separator: "\n")
    }

    /// Two triggers a table that refuse changing and removing its rows.
    static func appendOnly(_ tables: [String]) -> [String] {
        tables.flatMap { table in
            ["UPDATE", "DELETE"].map { verb in
                """
                CREATE TRIGGER \(table)_refuses_\(verb.lowercased()) BEFORE \(verb) ON \(table)
                BEGIN SELECT RAISE(ABORT, '\(table) is append-only'); END;
                """
            }
        }
    }
}
