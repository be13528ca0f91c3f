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
        let all = try reading { try StoredPairs.all($0, path: path) }
        var exclusions: [String: Int] = [:]
        let wanted = all.filter { stored in
            guard let reason = options.reasonAgainst(stored.pair) else { return true }
            exclusions[reason, default: 0] += 1
            return false
        }
        var split = SnapshotSplit(wanted, seed: options.seed, heldOutFraction: options.heldOutFraction)
        let copies = NearDuplicates.find(
            train: split.train, heldOut: split.heldOut, threshold: options.nearDuplicateThreshold, progress: progress)
        split.dropFromTrain(Set(copies.map(\.rowID)))
        if !copies.isEmpty { exclusions["near_duplicate"] = copies.count }
        let train = PreferenceSnapshot.byID(split.train.map(\.pair))
        let heldOut = PreferenceSnapshot.byID(split.heldOut.map(\.pair))
        guard !train.isEmpty else {
            throw Refusal(
                code: "snapshot.empty", at: path,
                "nothing is left to train on: of \(all.count) pairs \(exclusions.values.reduce(0, +)) are left out and "
                    + "\(heldOut.count) held out",
                mend: "import more pairs, or loosen the filters or the held-out share")
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
                "considered": .number(JSONNumber(all.count)), "train": .number(JSONNumber(train.count)),
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
            let members = try StoredPairs.members(ofSnapshot: row["snapshot_id"], database, path: path).map(\.pair)
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
            let insertion = try database.makeStatement(sql: "INSERT INTO snapshot_member VALUES (?, ?, ?)")
            for member in members {
                try insertion.execute(arguments: [id, member.rowID, member.pair.split?.rawValue])
            }
            try database.execute(
                sql: "INSERT INTO snapshot VALUES (?, ?, ?, ?, ?)",
                arguments: [id, snapshot.digest, snapshot.created, members.count, manifest])
            try AuditChain.append(event, database)
        }
    }
}
