public import Diagnostics
import Preferences
import StrictJSON

/// Writes a snapshot for other programs.
public enum ExportStage {
    /// Where the pairs come from.
    public enum Source: Sendable {
        /// A folder that `overread snapshot` made.
        case folder(String)
        /// A store: the snapshot whose digest begins like this, or its newest one.
        case store(String, digest: String?)
    }

    /// Writes a snapshot to one file of mode 0600; the same snapshot gives the same bytes.
    ///
    /// - Parameters:
    ///   - source: the snapshot.
    ///   - format: `trl`, `trl-conversational`, `trl-plain`, `argilla` or `csv`.
    ///   - provenance: whether ids, keys and every other field go along.
    ///   - split: `train` or `held_out`; nil for both.
    ///   - output: the file to make; nothing is there yet.
    public static func run(
        _ source: Source, format: String, provenance: Bool, split: String?, output: String, events: StageEvents
    ) throws(Refusal) -> StageResult {
        let shape: SnapshotExport.Shape = try choice(format, of: SnapshotExport.Shape.allCases, "--format")
        let side: PreferencePair.Split? = try split.map { name throws(Refusal) in
            try choice(name, of: PreferencePair.Split.allCases, "--split")
        }
        try TextFile.requirePlace(for: output)
        let export = SnapshotExport(shape, provenance: provenance, split: side)
        let snapshot: PreferenceSnapshot
        switch source {
        case .folder(let folder):
            snapshot = try PreferenceSnapshot.load(from: folder)
            try snapshot.write(export, to: output)
        case .store(let path, let digest):
            let store = try StoreFile.open(path)
            snapshot = try stored(digest, in: store)
            try store.write(export, of: snapshot, to: output)
        }
        let count = (side == .heldOut ? 0 : snapshot.train.count) + (side == .train ? 0 : snapshot.heldOut.count)
        let sha256 = try Digests.file(output)
        return StageResult(
            [
                "output": .string(output), "snapshot": .string(snapshot.digest), "format": .string(shape.rawValue),
                "pairs": .number(JSONNumber(count)), "provenance": .bool(provenance), "sha256": .string(sha256),
            ],
            text: "\(output): \(counted(count, "pair")) of snapshot \(snapshot.digest.prefix(12))… as \(shape.rawValue)"
                + "\(provenance ? ", with provenance" : ""). sha256 \(sha256.prefix(12))…")
    }

    private static func stored(_ digest: String?, in store: PreferenceStore) throws(Refusal) -> PreferenceSnapshot {
        let all = try store.snapshots()
        let found = digest.map { start in all.filter { $0.digest.utf8.starts(with: start.utf8) } } ?? all.suffix(1)
        guard let one = found.first, found.count == 1 else {
            throw Refusal(
                code: "export.no-snapshot", at: store.path,
                all.isEmpty
                    ? "the store holds no snapshot"
                    : "\(found.count) of the store's \(counted(all.count, "snapshot")) have a digest that begins so",
                mend: all.isEmpty
                    ? "make one with overread snapshot"
                    : found.isEmpty ? "give a digest that overread snapshot printed" : "give more of the digest")
        }
        return try store.snapshot(digest: one.digest)
    }

    private static func choice<Choice: RawRepresentable<String>>(
        _ name: String, of all: [Choice], _ option: String
    ) throws(Refusal) -> Choice {
        if let choice = Choice(rawValue: name) { return choice }
        let names = all.map(\.rawValue)
        throw Refusal(
            code: "export.unknown", at: option, "there is no such value; there are \(names.joined(separator: ", "))",
            mend: NearestName.suggestion(for: name, among: names).map { "write \($0)" } ?? "take one of them")
    }
}
