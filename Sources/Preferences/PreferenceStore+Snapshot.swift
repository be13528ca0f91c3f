public import Diagnostics
internal import GRDB
internal import StrictJSON

extension PreferenceStore {
    /// One line of the list of snapshots.
    public struct SnapshotSummary: Sendable, Equatable {
        /// The snapshot's digest.
        public let digest: String
        /// When it was made, RFC 3339.
        public let created: String
        /// How many pairs it holds.
        public let memberCount: Int
    }

    /// Freezes the pairs that the options take into a snapshot, divided by patient, and keeps it in the store.
    ///
    /// Training pairs whose prompt is nearly a copy of a held-out one are left out and listed in the manifest. Where the
    /// store has a snapshot of exactly these members, that one is given back and nothing is changed.
    ///
    /// - Throws: `snapshot.empty` when nothing is left to train on, or the store's own refusals.
    public func makeSnapshot(
        _ options: SnapshotOptions = SnapshotOptions(), progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(Refusal) -> PreferenceSnapshot {
        let path = self.path
        let head = try auditHead()
        let (all, considered, notUsable, screened) = try reading { database in
            let imported = try StoredPairs.all(database, path: path)
            let judged = try JudgedRecords.all(database, path: path)
            return (
                imported + judged.stored, imported.count + judged.considered, judged.exclusions,
                try Screenings.all(database)
            )
        }
        var exclusions = notUsable
        let sound = RecordConflicts.resolve(all, counting: &exclusions)
        let wanted = sound.filter { stored in
            guard let reason = options.reasonAgainst(stored.pair, screened) else { return true }
            exclusions[reason, default: 0] += 1
            return false
        }
        var split = SnapshotSplit(wanted, seed: options.seed, heldOutFraction: options.heldOutFraction)
        let copies = NearDuplicates.find(
            train: split.train, heldOut: split.heldOut, threshold: options.nearDuplicateThreshold, progress: progress)
        split.dropFromTrain(Set(copies.map(\.origin)))
        if !copies.isEmpty { exclusions["near_duplicate"] = copies.count }
        let curated = options.curatedSize.map { CuratedSelection.select(split.train, size: $0) }
        if let curated {
            let left = Set(split.train.map(\.origin)).subtracting(curated.taken)
            split.dropFromTrain(left)
            if !left.isEmpty { exclusions["not_curated"] = left.count }
        }
        let train = PreferenceSnapshot.byID(split.train.map(\.pair))
        let heldOut = PreferenceSnapshot.byID(split.heldOut.map(\.pair))
        guard !train.isEmpty else {
            throw Refusal(
                code: "snapshot.empty", at: path,
                "nothing is left to train on: of \(considered) pairs \(exclusions.values.reduce(0, +)) are left out and "
                    + "\(heldOut.count) held out",
                mend: "import or judge more pairs, or loosen the filters or the held-out share")
        }
        try SnapshotSplit.assertDisjoint(train, heldOut, at: path)
        let digest = PreferenceSnapshot.digest(of: train + heldOut)
        if let existing = try storedSnapshot(digest) { return existing }

        var manifest: JSONObject = [
            "format": .string(PreferenceSnapshot.format), "version": 1, "digest": .string(digest),
            "created": .string(now().description), "filters": options.filters,
            "split": [
                "by": "patient", "seed": .string(String(options.seed)),
                "held_out_fraction": .number(JSONNumber(options.heldOutFraction)),
                "designated": .number(JSONNumber(split.designated)),
                "moved_to_held_out": .number(JSONNumber(split.movedToHeldOut)),
            ],
            "counts": [
                "considered": .number(JSONNumber(considered)), "train": .number(JSONNumber(train.count)),
                "held_out": .number(JSONNumber(heldOut.count)),
                "train_patients": .number(JSONNumber(Set(train.map { Array($0.splitUnit.utf8) }).count)),
                "held_out_patients": .number(JSONNumber(Set(heldOut.map { Array($0.splitUnit.utf8) }).count)),
            ],
        ]
        manifest["exclusions"] = .object(
            JSONObject(
                exclusions.sorted { $0.key < $1.key }.map { JSONObject.Member($0.key, .number(JSONNumber($0.value))) }))
        manifest["near_duplicates"] = [
            "threshold": .number(JSONNumber(options.nearDuplicateThreshold)),
            "dropped_from_train": .array(
                copies.map {
                    [
                        "id": .string($0.id), "held_out_id": .string($0.heldOutID),
                        "similarity": .number(JSONNumber($0.similarity)),
                    ]
                }),
        ]
        if let curated, let size = options.curatedSize {
            manifest["curation"] = [
                "size": .number(JSONNumber(size)), "taken": .number(JSONNumber(curated.taken.count)),
                "left_out_as_alike": .number(JSONNumber(curated.alike)),
                "similarity": .number(JSONNumber(CuratedSelection.similarity)),
            ]
        }
        manifest["quality"] = ["train": SnapshotQuality.figures(train), "held_out": SnapshotQuality.figures(heldOut)]
        manifest["audit_head"] = ["sequence": .number(JSONNumber(Int(head.sequence))), "hash": .string(head.hash)]
        manifest["files"] = .object(
            JSONObject(
                [("train.jsonl", train), ("held_out.jsonl", heldOut)].map { name, pairs in
                    let bytes = PreferenceSnapshot.fileBytes(pairs)
                    return JSONObject.Member(
                        name,
                        [
                            "records": .number(JSONNumber(pairs.count)), "bytes": .number(JSONNumber(bytes.count)),
                            "sha256": .string(ContentDigest.sha256(bytes)),
                        ])
                }))
        manifest["manifest_sha256"] = .string(PreferenceSnapshot.manifestDigest(manifest))
        let snapshot = PreferenceSnapshot(digest: digest, train: train, heldOut: heldOut, manifest: manifest)
        try keep(snapshot, members: split.train + split.heldOut)
        return snapshot
    }

    /// Every snapshot, the oldest first.
    public func snapshots() throws(Refusal) -> [SnapshotSummary] {
        try reading { database in
            try Row.fetchAll(database, sql: "SELECT * FROM snapshot ORDER BY snapshot_id").map {
                SnapshotSummary(digest: $0["digest"], created: $0["created_at"], memberCount: $0["member_count"])
            }
        }
    }

    /// The snapshot with a digest.
    public func snapshot(digest: String) throws(Refusal) -> PreferenceSnapshot {
        guard let snapshot = try storedSnapshot(digest) else {
            throw Refusal(
                code: "snapshot.unknown", at: path, "the store has no snapshot with this digest",
                mend: "choose one from the list of snapshots")
        }
        return snapshot
    }

    private func storedSnapshot(_ digest: String) throws(Refusal) -> PreferenceSnapshot? {
        let path = self.path
        return try reading { database in
            let sql = "SELECT snapshot_id, manifest FROM snapshot WHERE digest = ?"
            guard let row = try Row.fetchOne(database, sql: sql, arguments: [digest]) else { return nil }
            let manifest = try JSONValue(parsing: Array((row["manifest"] as String).utf8), named: path).object
            let id: Int64 = row["snapshot_id"]
            let members =
                try StoredPairs.members(ofSnapshot: id, database, path: path).map(\.pair)
                + JudgedRecords.members(ofSnapshot: id, database, path: path).map(\.pair)
            guard let manifest, PreferenceSnapshot.digest(of: members) == digest,
                manifest["manifest_sha256"]?.string == PreferenceSnapshot.manifestDigest(manifest)
            else { throw Self.damaged(path) }
            return PreferenceSnapshot(
                digest: digest, train: PreferenceSnapshot.byID(members.filter { $0.split == .train }),
                heldOut: PreferenceSnapshot.byID(members.filter { $0.split == .heldOut }), manifest: manifest)
        }
    }

    /// Writes members first and the snapshot's own row last, which seals it.
    private func keep(_ snapshot: PreferenceSnapshot, members: [StoredPairs.Stored]) throws(Refusal) {
        let event = auditEvent("snapshot", "snapshot", snapshot.digest, after: snapshot.digest)
        let manifest = JSONValue.object(snapshot.manifest).serialized()
        try writing { database in
            let id = 1 + (try Int64.fetchOne(database, sql: "SELECT coalesce(max(snapshot_id), 0) FROM snapshot") ?? 0)
            try insert(members, snapshot: id, database)
            try database.execute(
                sql: "INSERT INTO snapshot VALUES (?, ?, ?, ?, ?)",
                arguments: [id, snapshot.digest, snapshot.created, members.count, manifest])
            try AuditChain.append(event, database)
        }
    }
    private func insert(_ members: [StoredPairs.Stored], snapshot id: Int64, _ database: Database) throws {
        var imported = BatchedInsertion(database, into: "snapshot_member", ["snapshot_id", "pair_id", "split"])
        let judged = try database.makeStatement(sql: "INSERT INTO snapshot_judged_member VALUES (?, ?, ?, ?, ?, ?, ?)")
        for (index, member) in members.enumerated() {
            let split = member.pair.split?.rawValue
            switch member.origin {
            case .imported(let row):
                imported.add([id, row, split])
                if imported.isFull { try imported.flush() }
            case .judged(let pair, let judgements, let adjudication):
                let list = JSONValue.array(judgements.map { .number(JSONNumber(Int($0))) }).serialized()
                try judged.execute(arguments: [id, index + 1, pair, nil, adjudication, list, split])
            case .edited(let edit): try judged.execute(arguments: [id, index + 1, nil, edit, nil, "[]", split])
            }
        }
        try imported.flush()
    }

    /// Writes a snapshot's folder as ``PreferenceSnapshot/write(to:)`` does, and records that it left the store.
    ///
    /// - Throws: `snapshot.unknown` for one that is not this store's, or as writing does.
    public func export(_ snapshot: PreferenceSnapshot, to folder: String) throws(Refusal) {
        let kept = try self.snapshot(digest: snapshot.digest)
        try kept.write(to: folder)
        let event = auditEvent(
            "export", "snapshot", kept.digest, after: kept.manifest["manifest_sha256"]?.string)
        try writing { try AuditChain.append(event, $0) }
    }
}
