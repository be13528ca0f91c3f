public import Diagnostics
import Preferences
import StrictJSON

/// Checks a store from end to end: the database, every digest, the queue, the snapshots and the audit chain.
public enum CheckStage {
    /// Checks a store and changes nothing.
    ///
    /// - Throws: `store.damaged` or `audit.broken`, naming the first record that is not as it was written.
    public static func run(store path: String, events: StageEvents) throws(Refusal) -> StageResult {
        let store = try StoreFile.open(path)
        let count = try store.pairCount()
        let report = try store.check { step, done in
            guard step == .pairs, count > 20_000 else { return }
            events.progress(StageProgress("Checking", done: done, total: count, unit: "pairs"))
        }
        let orphans = report.orphanFiles.map { "\(path): beside it lies \($0), which belongs to no store." }
        return StageResult(
            [
                "store": .string(path), "pairs": .number(JSONNumber(report.pairCount)),
                "candidates": .number(JSONNumber(report.candidateCount)),
                "judgements": .number(JSONNumber(report.judgementCount)),
                "snapshots": .number(JSONNumber(report.snapshotCount)), "audit_head": report.auditHead.json,
                "orphan_files": .array(report.orphanFiles.map { .string($0) }),
            ],
            text: ([
                "\(path): sound. \(counted(report.pairCount, "pair")), \(counted(report.judgementCount, "judgement")), "
                    + "\(counted(report.snapshotCount, "snapshot")), "
                    + "\(counted(Int(report.auditHead.sequence), "audit event")).",
                "Audit head: \(report.auditHead.text)",
            ] + orphans).joined(separator: "\n"))
    }
}

/// Copies a store while it is open, and verifies the copy before it takes its place.
public enum BackupStage {
    /// Writes a backup of mode 0600 to a place where nothing is yet.
    public static func run(store path: String, output: String, events: StageEvents) throws(Refusal) -> StageResult {
        try TextFile.requirePlace(for: output)
        let store = try StoreFile.open(path)
        let report = try store.backup(to: output) { done, total in
            guard total > 20_000 else { return }
            events.progress(StageProgress("Copying", done: done, total: total, unit: "database pages"))
        }
        return StageResult(
            [
                "store": .string(path), "backup": .string(output),
                "bytes": .number(JSONNumber(Int(report.byteCount))), "sha256": .string(report.sha256),
                "pairs": .number(JSONNumber(report.pairCount)),
                "judgements": .number(JSONNumber(report.judgementCount)), "audit_head": report.auditHead.json,
            ],
            text: "\(output): \(counted(report.pairCount, "pair")) and \(counted(report.judgementCount, "judgement")), "
                + "verified. sha256 \(report.sha256.prefix(12))…\nAudit head: \(report.auditHead.text)")
    }
}

/// Recomputes a store's audit chain.
public enum AuditStage {
    /// Verifies the chain, and that it still holds a head that was written down elsewhere.
    ///
    /// - Parameter head: `SEQ:HASH` as `check`, `backup` and this command print it; without one, events that were cut off
    ///   the end cannot be seen.
    /// - Throws: `audit.broken`, naming the first event that was altered, removed or moved; `audit.bad-head`.
    public static func verify(store path: String, head: String?, events: StageEvents) throws(Refusal) -> StageResult {
        let expected = try head.map { text throws(Refusal) in try AuditHead(text: text) }
        let found = try StoreFile.open(path).verifyAudit(expecting: expected)
        if expected == nil {
            events.say("Without --head, events that were cut off the end cannot be seen.")
        }
        return StageResult(
            ["store": .string(path), "audit_head": found.json, "compared_with_head": .bool(expected != nil)],
            text: "\(path): all \(counted(Int(found.sequence), "audit event")) verify.\nAudit head: \(found.text)")
    }
}

/// Opens stores that are there.
enum StoreFile {
    /// A store that must exist: a mistyped name does not make a new one.
    static func open(_ path: String) throws(Refusal) -> PreferenceStore {
        try TextFile.requireFile(path, code: "store")
        return try PreferenceStore(at: path)
    }
}

extension AuditHead {
    /// `SEQ:HASH`.
    var text: String { "\(sequence):\(hash)" }

    var json: JSONValue { ["sequence": .number(JSONNumber(Int(sequence))), "hash": .string(hash)] }

    /// Reads `SEQ:HASH`.
    init(text: String) throws(Refusal) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = Int64(parts[0]), sequence >= 0, parts[1].utf8.count == 64,
            parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else {
            throw Refusal(
                code: "audit.bad-head", at: "--head", "no number, colon and 64 hexadecimal digits",
                mend: "give an audit head as overread check or overread backup printed it")
        }
        self.init(sequence: sequence, hash: String(parts[1]))
    }
}
