extension StoreSchema {
    /// The tables of version 3 that say who may come in.
    ///
    /// Their rows change: the audit chain has every change, and a secret that is no longer needed is not kept. Of tokens
    /// only the SHA-256 is stored, of passwords only the scrypt key with its salt and cost.
    static let accountTables = """
        CREATE TABLE account (
            account_id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            display_name TEXT NOT NULL,
            role TEXT NOT NULL CHECK (role IN ('reviewer', 'lead', 'administrator')),
            reviewer_id INTEGER NOT NULL UNIQUE REFERENCES reviewer,
            disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
            password_key BLOB CHECK (length(password_key) = 32),
            password_salt BLOB CHECK (length(password_salt) = 16),
            cost_rounds INTEGER,
            cost_block_size INTEGER,
            cost_parallelism INTEGER,
            revision INTEGER NOT NULL CHECK (revision >= 1),
            created_at TEXT NOT NULL,
            last_log_in_at TEXT,
            CHECK ((password_key IS NULL) = (password_salt IS NULL)),
            CHECK ((password_key IS NULL) = (cost_rounds IS NULL)),
            CHECK ((cost_rounds IS NULL) = (cost_block_size IS NULL)),
            CHECK ((cost_rounds IS NULL) = (cost_parallelism IS NULL))
        ) STRICT;

        CREATE TABLE set_up_link (
            account_id INTEGER PRIMARY KEY REFERENCES account,
            token_sha256 BLOB NOT NULL UNIQUE CHECK (length(token_sha256) = 32),
            expires_ms INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE session (
            token_sha256 BLOB PRIMARY KEY CHECK (length(token_sha256) = 32),
            account_id INTEGER NOT NULL REFERENCES account,
            created_ms INTEGER NOT NULL,
            seen_ms INTEGER NOT NULL,
            idle_ms INTEGER NOT NULL CHECK (idle_ms > 0),
            expires_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX session_by_account ON session (account_id);

        CREATE TABLE log_in_delay (
            kind TEXT NOT NULL CHECK (kind IN ('name', 'address')),
            subject BLOB NOT NULL,
            failures INTEGER NOT NULL CHECK (failures >= 0),
            last_ms INTEGER NOT NULL,
            blocked_until_ms INTEGER NOT NULL,
            PRIMARY KEY (kind, subject)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX log_in_delay_by_age ON log_in_delay (last_ms);

        CREATE TABLE text_draft (
            reviewer_id INTEGER NOT NULL REFERENCES reviewer,
            task TEXT NOT NULL,
            sequence INTEGER NOT NULL CHECK (sequence >= 0),
            content TEXT NOT NULL,
            is_committed INTEGER NOT NULL CHECK (is_committed IN (0, 1)),
            saved_at TEXT NOT NULL,
            PRIMARY KEY (reviewer_id, task)
        ) STRICT, WITHOUT ROWID;
        """

    /// The tables of version 3 that hold how a case was chosen, corrections and the arena; every one is append-only.
    static let reviewTables = """
        CREATE TABLE queue_policy (
            policy_id INTEGER PRIMARY KEY,
            policy TEXT NOT NULL,
            margin_cut REAL CHECK (margin_cut >= 0),
            recorded_at TEXT NOT NULL
        ) STRICT;

        CREATE TABLE selection (
            presentation_id INTEGER PRIMARY KEY REFERENCES presentation,
            policy_id INTEGER REFERENCES queue_policy,
            chosen_by TEXT NOT NULL CHECK (chosen_by IN (
                'order', 'uniform', 'gold', 'repeat', 'calibration', 'reserved')),
            rate REAL NOT NULL CHECK (rate BETWEEN 0 AND 1),
            stratum TEXT NOT NULL,
            margin REAL
        ) STRICT;

        CREATE TABLE margin_import (
            import_id INTEGER PRIMARY KEY,
            base_sha256 TEXT NOT NULL,
            aligned_sha256 TEXT NOT NULL,
            beta REAL NOT NULL CHECK (beta > 0),
            pair_count INTEGER NOT NULL,
            recorded_at TEXT NOT NULL
        ) STRICT;

        CREATE TABLE reward_margin (
            pair_id INTEGER NOT NULL REFERENCES judging_pair,
            import_id INTEGER NOT NULL REFERENCES margin_import,
            margin REAL NOT NULL,
            PRIMARY KEY (pair_id, import_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE adjudicator_view (
            pair_id INTEGER NOT NULL REFERENCES judging_pair,
            reviewer_id INTEGER NOT NULL REFERENCES reviewer,
            left_is_x INTEGER NOT NULL CHECK (left_is_x IN (0, 1)),
            drawn_at TEXT NOT NULL,
            PRIMARY KEY (pair_id, reviewer_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE correction_task (
            task_id INTEGER PRIMARY KEY,
            candidate_id INTEGER NOT NULL UNIQUE REFERENCES candidate,
            exam_id INTEGER REFERENCES exam,
            guideline_id INTEGER REFERENCES guideline,
            designated_split TEXT CHECK (designated_split IN ('train', 'held_out')),
            created_at TEXT NOT NULL
        ) STRICT;

        CREATE TABLE correction_event (
            event_id INTEGER PRIMARY KEY,
            task_id INTEGER REFERENCES correction_task,
            presentation_id INTEGER REFERENCES presentation,
            reviewer_id INTEGER NOT NULL REFERENCES reviewer,
            outcome TEXT NOT NULL CHECK (outcome IN ('corrected', 'accepted', 'skip', 'cannot_judge')),
            edit_id INTEGER REFERENCES edit,
            active_ms INTEGER CHECK (active_ms >= 0),
            request_key TEXT UNIQUE,
            request_sha256 TEXT NOT NULL,
            at TEXT NOT NULL,
            CHECK ((outcome = 'corrected') = (edit_id IS NOT NULL)),
            CHECK ((task_id IS NULL) <> (presentation_id IS NULL))
        ) STRICT;
        CREATE INDEX correction_event_by_task ON correction_event (task_id, reviewer_id);
        CREATE INDEX correction_event_by_reviewer ON correction_event (reviewer_id);

        CREATE TABLE arena (
            arena_id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            prompts_sha256 TEXT NOT NULL,
            base_sha256 TEXT NOT NULL,
            aligned_sha256 TEXT NOT NULL,
            recorded_at TEXT NOT NULL
        ) STRICT;

        CREATE TABLE arena_item (
            arena_id INTEGER NOT NULL REFERENCES arena,
            item TEXT NOT NULL,
            cluster TEXT NOT NULL,
            base_candidate INTEGER NOT NULL REFERENCES candidate,
            aligned_candidate INTEGER NOT NULL REFERENCES candidate,
            pair_id INTEGER REFERENCES judging_pair,
            PRIMARY KEY (arena_id, item)
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX presentation_by_reviewer ON presentation (reviewer_id, presentation_id);
        CREATE INDEX presentation_repeats ON presentation (repeat_of) WHERE repeat_of IS NOT NULL;
        CREATE INDEX edit_by_reviewer ON edit (reviewer_id);
        CREATE INDEX adjudication_by_reviewer ON adjudication (reviewer_id);
        """

    /// What changes in version 3: each slot's place, how far each reader has come, and what each pair's readers say.
    ///
    /// All of it follows from the events, and a check compares what can be compared.
    ///
    /// A slot's place is (lane, stratum, specialty, rank, position). Open slots leave the order only by being taken, and
    /// come back at its end; so what a reader could not take on the way to his or her place stays out of reach for that
    /// reader, and the search begins at the place.
    static let reviewQueue = """
        ALTER TABLE judging_slot ADD COLUMN lane TEXT NOT NULL DEFAULT 'judge'
            CHECK (lane IN ('judge', 'gold', 'calibration', 'arena'));
        ALTER TABLE judging_slot ADD COLUMN stratum TEXT NOT NULL DEFAULT 'plain'
            CHECK (stratum IN ('small_margin', 'disagreeing', 'plain'));
        ALTER TABLE judging_slot ADD COLUMN specialty TEXT NOT NULL DEFAULT '';
        ALTER TABLE judging_slot ADD COLUMN rank REAL NOT NULL DEFAULT 0;
        ALTER TABLE judging_slot ADD COLUMN random_key REAL NOT NULL DEFAULT 0;
        UPDATE judging_slot SET
            lane = (SELECT CASE purpose WHEN 'winrate' THEN 'arena' WHEN 'train' THEN 'judge' ELSE purpose END
                FROM judging_pair WHERE judging_pair.pair_id = judging_slot.pair_id),
            specialty = coalesce((SELECT lower(subspecialty) FROM judging_pair JOIN exam USING (exam_id)
                WHERE judging_pair.pair_id = judging_slot.pair_id), ''),
            random_key = (random() & 9007199254740991) / 9007199254740992.0;

        DROP INDEX judging_slot_open;
        CREATE INDEX judging_slot_in_order ON judging_slot (lane, stratum, specialty, rank, queue_position)
            WHERE state = 'open' AND reserved_for IS NULL;
        CREATE INDEX judging_slot_at_random ON judging_slot (lane, specialty, random_key)
            WHERE state = 'open' AND reserved_for IS NULL;
        CREATE INDEX judging_slot_reserved ON judging_slot (reserved_for, queue_position)
            WHERE state = 'open' AND reserved_for IS NOT NULL;
        CREATE INDEX judging_slot_counts ON judging_slot (lane, state);

        CREATE TABLE queue_run (
            lane TEXT NOT NULL,
            stratum TEXT NOT NULL,
            specialty TEXT NOT NULL,
            PRIMARY KEY (lane, stratum, specialty)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO queue_run SELECT DISTINCT lane, stratum, specialty FROM judging_slot;

        DROP TABLE reader_place;
        CREATE TABLE reader_place (
            reviewer_id INTEGER NOT NULL REFERENCES reviewer,
            lane TEXT NOT NULL,
            stratum TEXT NOT NULL,
            specialty TEXT NOT NULL,
            rank REAL NOT NULL,
            queue_position INTEGER NOT NULL,
            PRIMARY KEY (reviewer_id, lane, stratum, specialty)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE pair_standing (
            pair_id INTEGER PRIMARY KEY REFERENCES judging_pair,
            standing TEXT NOT NULL CHECK (standing IN ('agreed', 'conflict', 'adjudicated', 'excluded'))
        ) STRICT;
        CREATE INDEX pair_in_conflict ON pair_standing (pair_id) WHERE standing = 'conflict';
        CREATE INDEX pair_standing_counts ON pair_standing (standing);

        CREATE TABLE correction_slot (
            task_id INTEGER PRIMARY KEY REFERENCES correction_task,
            state TEXT NOT NULL CHECK (state IN ('open', 'leased', 'done', 'held')),
            specialty TEXT NOT NULL,
            queue_position INTEGER NOT NULL UNIQUE,
            reviewer_id INTEGER REFERENCES reviewer,
            lease_expires_ms INTEGER,
            CHECK (state <> 'leased' OR (reviewer_id IS NOT NULL AND lease_expires_ms IS NOT NULL))
        ) STRICT;
        CREATE INDEX correction_slot_open ON correction_slot (queue_position) WHERE state = 'open';
        CREATE INDEX correction_slot_expiring ON correction_slot (lease_expires_ms) WHERE state = 'leased';
        CREATE INDEX correction_slot_holder ON correction_slot (reviewer_id) WHERE state = 'leased';
        CREATE INDEX correction_slot_counts ON correction_slot (state);
        """

    /// Tables of version 3 whose rows stay.
    static let reviewEvents = [
        "queue_policy", "selection", "margin_import", "reward_margin", "adjudicator_view", "correction_task",
        "correction_event", "arena", "arena_item",
    ]
}
