extension StoreSchema {
    /// The tables of version 2 that hold what was shown, said and decided; every one is append-only.
    ///
    /// Left and right live in `presentation` alone. A pair holds its candidates in the order of their numbers, and the
    /// composite foreign keys carry both down to the judgement, where a CHECK ties the chosen candidate to the side that
    /// was clicked: a row in which they disagree cannot be written.
    static let judgingTables = """
        ALTER TABLE exam ADD COLUMN subspecialty TEXT;
        ALTER TABLE exam ADD COLUMN procedure_code TEXT;
        ALTER TABLE exam ADD COLUMN procedure_system TEXT;
        ALTER TABLE exam ADD COLUMN procedure_text TEXT;
        ALTER TABLE exam ADD COLUMN age_band TEXT;
        ALTER TABLE exam ADD COLUMN sex TEXT CHECK (sex IN ('male', 'female', 'other', 'unknown'));
        ALTER TABLE exam ADD COLUMN laterality TEXT CHECK (laterality IN ('left', 'right', 'both', 'none'));
        ALTER TABLE exam ADD COLUMN has_prior INTEGER CHECK (has_prior IN (0, 1));
        ALTER TABLE exam ADD COLUMN exam_year INTEGER CHECK (exam_year BETWEEN 1900 AND 2199);
        ALTER TABLE exam ADD COLUMN site TEXT;

        CREATE INDEX exam_without_keys ON exam (modality, body_part) WHERE exam_key IS NULL AND patient_key IS NULL;

        CREATE TABLE guideline (
            guideline_id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            sha256 TEXT NOT NULL,
            content TEXT NOT NULL,
            recorded_at TEXT NOT NULL
        ) STRICT;

        CREATE TABLE reviewer (
            reviewer_id INTEGER PRIMARY KEY,
            reviewer_key TEXT NOT NULL UNIQUE,
            credential TEXT NOT NULL CHECK (credential IN ('attending', 'fellow', 'resident', 'other')),
            subspecialties TEXT NOT NULL,
            years_band TEXT,
            site TEXT,
            consent_version TEXT,
            registered_at TEXT NOT NULL
        ) STRICT;

        CREATE TABLE reviewer_status (
            reviewer_id INTEGER NOT NULL REFERENCES reviewer,
            revision INTEGER NOT NULL CHECK (revision >= 1),
            active INTEGER NOT NULL CHECK (active IN (0, 1)),
            at TEXT NOT NULL,
            PRIMARY KEY (reviewer_id, revision)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE report_version (
            version_id INTEGER PRIMARY KEY,
            exam_id INTEGER NOT NULL REFERENCES exam,
            source TEXT NOT NULL CHECK (source IN ('hl7v2', 'fhir', 'import')),
            raw_sha256 TEXT NOT NULL,
            control_id TEXT,
            received_at TEXT NOT NULL,
            status_raw TEXT,
            status_field TEXT,
            status TEXT NOT NULL CHECK (status IN (
                'ordered', 'draft', 'preliminary', 'final', 'addendum', 'corrected', 'withdrawn', 'unknown')),
            status_conflict INTEGER NOT NULL CHECK (status_conflict IN (0, 1)),
            status_changed_at TEXT,
            observed_at TEXT,
            author_role TEXT NOT NULL CHECK (author_role IN (
                'trainee', 'attending', 'transcriptionist', 'model', 'unknown')),
            author_key TEXT,
            content TEXT NOT NULL,
            findings TEXT,
            impression TEXT,
            technique TEXT,
            addendum TEXT,
            normaliser_version TEXT NOT NULL,
            UNIQUE (raw_sha256, exam_id)
        ) STRICT;
        CREATE INDEX report_version_by_exam ON report_version (exam_id);

        CREATE TABLE candidate (
            candidate_id INTEGER PRIMARY KEY,
            prompt_id INTEGER NOT NULL REFERENCES prompt,
            identity BLOB NOT NULL CHECK (length(identity) = 32),
            sha256 TEXT NOT NULL,
            content TEXT NOT NULL,
            author_kind TEXT NOT NULL CHECK (author_kind IN (
                'model', 'human_trainee', 'human_attending', 'human_other', 'edited_model', 'edited_human')),
            author_key TEXT,
            version_id INTEGER REFERENCES report_version,
            base_model TEXT,
            base_sha256 TEXT,
            adapter TEXT,
            adapter_sha256 TEXT,
            tokenizer_sha256 TEXT,
            quantisation TEXT,
            runtime TEXT,
            runtime_version TEXT,
            seed TEXT,
            temperature REAL CHECK (temperature >= 0),
            top_p REAL CHECK (top_p > 0 AND top_p <= 1),
            max_tokens INTEGER CHECK (max_tokens > 0),
            stop_reason TEXT,
            token_count INTEGER CHECK (token_count >= 0),
            latency_ms INTEGER CHECK (latency_ms >= 0),
            policy_iteration INTEGER,
            leak_flags TEXT NOT NULL,
            created_at TEXT NOT NULL,
            CHECK (author_kind <> 'model' OR base_model IS NOT NULL),
            UNIQUE (prompt_id, identity),
            UNIQUE (candidate_id, prompt_id)
        ) STRICT;
        CREATE INDEX candidate_by_text ON candidate (sha256);

        CREATE TABLE judging_pair (
            pair_id INTEGER PRIMARY KEY,
            prompt_id INTEGER NOT NULL,
            exam_id INTEGER REFERENCES exam,
            cand_x INTEGER NOT NULL,
            cand_y INTEGER NOT NULL,
            purpose TEXT NOT NULL CHECK (purpose IN ('train', 'winrate', 'gold', 'calibration')),
            source TEXT NOT NULL CHECK (source IN ('sampled', 'harvest', 'edit')),
            guideline_id INTEGER REFERENCES guideline,
            expected TEXT CHECK (expected IN ('x', 'y')),
            designated_split TEXT CHECK (designated_split IN ('train', 'held_out')),
            readers_wanted INTEGER NOT NULL CHECK (readers_wanted BETWEEN 1 AND 100),
            created_at TEXT NOT NULL,
            CHECK (cand_x < cand_y),
            CHECK (expected IS NULL OR purpose = 'gold'),
            UNIQUE (prompt_id, cand_x, cand_y),
            UNIQUE (pair_id, cand_x, cand_y),
            FOREIGN KEY (cand_x, prompt_id) REFERENCES candidate (candidate_id, prompt_id),
            FOREIGN KEY (cand_y, prompt_id) REFERENCES candidate (candidate_id, prompt_id)
        ) STRICT;
        CREATE INDEX judging_pair_by_exam ON judging_pair (exam_id);
        CREATE INDEX judging_pair_by_x ON judging_pair (cand_x);
        CREATE INDEX judging_pair_by_y ON judging_pair (cand_y);

        CREATE TABLE presentation (
            presentation_id INTEGER PRIMARY KEY,
            pair_id INTEGER NOT NULL,
            cand_x INTEGER NOT NULL,
            cand_y INTEGER NOT NULL,
            slot_no INTEGER NOT NULL CHECK (slot_no >= 1),
            attempt INTEGER NOT NULL CHECK (attempt >= 1),
            reviewer_id INTEGER NOT NULL REFERENCES reviewer,
            left_candidate INTEGER NOT NULL,
            right_candidate INTEGER NOT NULL,
            order_source TEXT NOT NULL CHECK (order_source IN ('system', 'seeded', 'swapped')),
            order_draw INTEGER NOT NULL,
            repeat_of INTEGER REFERENCES presentation,
            screen TEXT NOT NULL,
            shown_at TEXT NOT NULL,
            lease_expires_at TEXT NOT NULL,
            CHECK (min(left_candidate, right_candidate) = cand_x AND max(left_candidate, right_candidate) = cand_y),
            CHECK ((order_source = 'swapped') = (repeat_of IS NOT NULL)),
            UNIQUE (pair_id, slot_no, attempt),
            UNIQUE (presentation_id, left_candidate, right_candidate),
            FOREIGN KEY (pair_id, cand_x, cand_y) REFERENCES judging_pair (pair_id, cand_x, cand_y)
        ) STRICT;

        CREATE TABLE judgement (
            judgement_id INTEGER PRIMARY KEY,
            presentation_id INTEGER NOT NULL,
            revision INTEGER NOT NULL CHECK (revision >= 1),
            supersedes INTEGER UNIQUE REFERENCES judgement,
            left_candidate INTEGER NOT NULL,
            right_candidate INTEGER NOT NULL,
            choice TEXT NOT NULL CHECK (choice IN (
                'left', 'right', 'both_good', 'both_bad', 'skip', 'cannot_judge', 'undo')),
            chosen_candidate INTEGER,
            strength INTEGER CHECK (strength BETWEEN 0 AND 3),
            confidence INTEGER CHECK (confidence BETWEEN 1 AND 3),
            comment TEXT,
            first_action_ms INTEGER CHECK (first_action_ms >= 0),
            active_ms INTEGER CHECK (active_ms >= 0),
            hidden_ms INTEGER CHECK (hidden_ms >= 0),
            idle_ms INTEGER CHECK (idle_ms >= 0),
            diff_was_visible INTEGER CHECK (diff_was_visible IN (0, 1)),
            image_was_opened INTEGER CHECK (image_was_opened IN (0, 1)),
            request_key TEXT UNIQUE,
            request_sha256 TEXT NOT NULL,
            judged_at TEXT NOT NULL,
            CHECK (chosen_candidate IS
                CASE choice WHEN 'left' THEN left_candidate WHEN 'right' THEN right_candidate END),
            CHECK (strength IS NULL OR choice IN ('left', 'right')),
            CHECK ((revision = 1) = (supersedes IS NULL)),
            CHECK (choice <> 'undo' OR revision > 1),
            UNIQUE (presentation_id, revision),
            FOREIGN KEY (presentation_id, left_candidate, right_candidate)
                REFERENCES presentation (presentation_id, left_candidate, right_candidate)
        ) STRICT;

        CREATE TABLE judgement_criterion (
            judgement_id INTEGER NOT NULL REFERENCES judgement DEFERRABLE INITIALLY DEFERRED,
            criterion TEXT NOT NULL CHECK (criterion IN (
                'accuracy', 'completeness', 'actionability', 'brevity', 'style')),
            winner TEXT NOT NULL CHECK (winner IN ('left', 'right', 'tie')),
            PRIMARY KEY (judgement_id, criterion)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE error_mark (
            judgement_id INTEGER NOT NULL REFERENCES judgement DEFERRABLE INITIALLY DEFERRED,
            mark_no INTEGER NOT NULL CHECK (mark_no >= 1),
            side TEXT NOT NULL CHECK (side IN ('left', 'right')),
            category TEXT NOT NULL CHECK (category IN (
                'false_finding', 'omitted_finding', 'wrong_location', 'wrong_severity', 'false_comparison',
                'omitted_comparison')),
            significance TEXT NOT NULL CHECK (significance IN ('significant', 'insignificant')),
            actionability TEXT CHECK (actionability IN (
                'none', 'not_actionable', 'actionable_nonurgent', 'urgent', 'emergent')),
            section TEXT,
            byte_start INTEGER CHECK (byte_start >= 0),
            byte_end INTEGER,
            note TEXT,
            CHECK ((byte_start IS NULL) = (byte_end IS NULL) AND (byte_start IS NULL OR byte_end > byte_start)),
            PRIMARY KEY (judgement_id, mark_no)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE radpeer_score (
            judgement_id INTEGER NOT NULL REFERENCES judgement DEFERRABLE INITIALLY DEFERRED,
            side TEXT NOT NULL CHECK (side IN ('left', 'right')),
            score TEXT NOT NULL CHECK (score IN ('1', '2a', '2b', '3a', '3b')),
            PRIMARY KEY (judgement_id, side)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE adjudication (
            adjudication_id INTEGER PRIMARY KEY,
            pair_id INTEGER NOT NULL REFERENCES judging_pair,
            revision INTEGER NOT NULL CHECK (revision >= 1),
            supersedes INTEGER UNIQUE REFERENCES adjudication,
            reviewer_id INTEGER NOT NULL REFERENCES reviewer,
            outcome TEXT NOT NULL CHECK (outcome IN ('x', 'y', 'both_good', 'both_bad', 'exclude')),
            basis TEXT NOT NULL CHECK (basis IN ('unanimous', 'majority', 'third_reader')),
            error_source TEXT CHECK (error_source IN (
                'ambiguous', 'guideline_gap', 'reader_error', 'edge_case', 'preference', 'other')),
            strength INTEGER CHECK (strength BETWEEN 0 AND 3),
            note TEXT,
            adjudicated_at TEXT NOT NULL,
            CHECK ((revision = 1) = (supersedes IS NULL)),
            CHECK (strength IS NULL OR outcome IN ('x', 'y')),
            UNIQUE (pair_id, revision)
        ) STRICT;

        CREATE TABLE edit (
            edit_id INTEGER PRIMARY KEY,
            presentation_id INTEGER REFERENCES presentation,
            prompt_id INTEGER NOT NULL,
            exam_id INTEGER REFERENCES exam,
            from_candidate INTEGER NOT NULL,
            to_candidate INTEGER NOT NULL CHECK (to_candidate <> from_candidate),
            reviewer_id INTEGER NOT NULL REFERENCES reviewer,
            guideline_id INTEGER REFERENCES guideline,
            active_ms INTEGER CHECK (active_ms >= 0),
            operations TEXT NOT NULL,
            kept_words INTEGER NOT NULL CHECK (kept_words >= 0),
            inserted_words INTEGER NOT NULL CHECK (inserted_words >= 0),
            deleted_words INTEGER NOT NULL CHECK (deleted_words >= 0),
            reason TEXT,
            clinically_significant INTEGER CHECK (clinically_significant IN (0, 1)),
            designated_split TEXT CHECK (designated_split IN ('train', 'held_out')),
            edited_at TEXT NOT NULL,
            UNIQUE (from_candidate, to_candidate),
            FOREIGN KEY (from_candidate, prompt_id) REFERENCES candidate (candidate_id, prompt_id),
            FOREIGN KEY (to_candidate, prompt_id) REFERENCES candidate (candidate_id, prompt_id)
        ) STRICT;

        CREATE TABLE screening (
            screening_id INTEGER PRIMARY KEY,
            text_sha256 TEXT NOT NULL,
            revision INTEGER NOT NULL CHECK (revision >= 1),
            state TEXT NOT NULL CHECK (state IN ('clean', 'suspect', 'cleared')),
            screener TEXT NOT NULL,
            found TEXT NOT NULL,
            cleared_by INTEGER REFERENCES reviewer,
            reason TEXT,
            screened_at TEXT NOT NULL,
            CHECK ((state = 'cleared') = (cleared_by IS NOT NULL)),
            CHECK (state <> 'cleared' OR reason IS NOT NULL),
            UNIQUE (text_sha256, revision)
        ) STRICT;

        CREATE TABLE snapshot_judged_member (
            snapshot_id INTEGER NOT NULL REFERENCES snapshot DEFERRABLE INITIALLY DEFERRED,
            member_no INTEGER NOT NULL CHECK (member_no >= 1),
            pair_id INTEGER REFERENCES judging_pair,
            edit_id INTEGER REFERENCES edit,
            adjudication_id INTEGER REFERENCES adjudication,
            judgements TEXT NOT NULL,
            split TEXT NOT NULL CHECK (split IN ('train', 'held_out')),
            CHECK ((pair_id IS NULL) <> (edit_id IS NULL)),
            PRIMARY KEY (snapshot_id, member_no)
        ) STRICT, WITHOUT ROWID;
        """

    /// The two tables of version 2 that change: where each slot of the queue stands, and how far each reader has come.
    ///
    /// Both can be worked out from the events, and ``PreferenceStore/check(progress:)`` does so and compares. Positions
    /// only ever grow: a slot that comes free again goes to the end.
    static let queueTables = """
        CREATE TABLE judging_slot (
            pair_id INTEGER NOT NULL REFERENCES judging_pair,
            slot_no INTEGER NOT NULL CHECK (slot_no >= 1),
            reserved_for INTEGER REFERENCES reviewer,
            state TEXT NOT NULL CHECK (state IN ('open', 'leased', 'done', 'held')),
            queue_position INTEGER NOT NULL UNIQUE,
            presentation_id INTEGER REFERENCES presentation,
            reviewer_id INTEGER REFERENCES reviewer,
            lease_expires_ms INTEGER,
            CHECK (state <> 'leased' OR (presentation_id IS NOT NULL AND lease_expires_ms IS NOT NULL)),
            CHECK (state <> 'done' OR presentation_id IS NOT NULL),
            CHECK ((presentation_id IS NULL) = (reviewer_id IS NULL)),
            PRIMARY KEY (pair_id, slot_no)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX judging_slot_open ON judging_slot (queue_position) WHERE state = 'open';
        CREATE INDEX judging_slot_expiring ON judging_slot (lease_expires_ms) WHERE state = 'leased';
        CREATE INDEX judging_slot_holder ON judging_slot (reviewer_id) WHERE state = 'leased';

        CREATE TABLE reader_place (
            reviewer_id INTEGER PRIMARY KEY REFERENCES reviewer,
            queue_position INTEGER NOT NULL
        ) STRICT;
        """

    /// Tables of version 2 whose rows stay.
    static let judgingEvents = [
        "guideline", "reviewer", "reviewer_status", "report_version", "candidate", "judging_pair", "presentation",
        "judgement", "judgement_criterion", "error_mark", "radpeer_score", "adjudication", "edit", "screening",
        "snapshot_judged_member",
    ]

    /// The triggers of version 2: events stay, follow one another without a gap, and are sealed by their own row.
    static var judgingTriggers: String {
        var statements = appendOnly(judgingEvents)
        for part in ["judgement_criterion", "error_mark", "radpeer_score"] {
            statements.append(
                """
                CREATE TRIGGER \(part)_is_sealed BEFORE INSERT ON \(part)
                WHEN EXISTS (SELECT 1 FROM judgement WHERE judgement_id = NEW.judgement_id)
                BEGIN SELECT RAISE(ABORT, 'judgement is sealed'); END;
                """)
        }
        statements.append(
            """
            CREATE TRIGGER judged_snapshot_is_sealed BEFORE INSERT ON snapshot_judged_member
            WHEN EXISTS (SELECT 1 FROM snapshot WHERE snapshot_id = NEW.snapshot_id)
            BEGIN SELECT RAISE(ABORT, 'snapshot is sealed'); END;
            CREATE TRIGGER radpeer_score_is_of_a_person BEFORE INSERT ON judgement
            WHEN EXISTS (
                SELECT 1 FROM radpeer_score JOIN candidate ON candidate_id =
                    CASE side WHEN 'left' THEN NEW.left_candidate ELSE NEW.right_candidate END
                WHERE judgement_id = NEW.judgement_id AND author_kind IN ('model', 'edited_model'))
            BEGIN SELECT RAISE(ABORT, 'a RADPEER score is of a person''s read'); END;
            """)
        for (table, subject) in [
            ("judgement", "presentation_id"), ("adjudication", "pair_id"), ("reviewer_status", "reviewer_id"),
            ("screening", "text_sha256"),
        ] {
            statements.append(
                """
                CREATE TRIGGER \(table)_is_next BEFORE INSERT ON \(table)
                WHEN NEW.revision <> 1 + (
                    SELECT coalesce(max(revision), 0) FROM \(table) WHERE \(subject) = NEW.\(subject))
                BEGIN SELECT RAISE(ABORT, '\(table) has a gap'); END;
                """)
        }
        for (table, key, subject) in [
            ("judgement", "judgement_id", "presentation_id"), ("adjudication", "adjudication_id", "pair_id"),
        ] {
            statements.append(
                """
                CREATE TRIGGER \(table)_supersedes_the_newest BEFORE INSERT ON \(table)
                WHEN NEW.supersedes IS NOT (SELECT \(key) FROM \(table)
                    WHERE \(subject) = NEW.\(subject) ORDER BY revision DESC LIMIT 1)
                BEGIN SELECT RAISE(ABORT, '\(table) supersedes another than the newest'); END;
                """)
        }
        return statements.joined(separator: "\n")
    }
}
