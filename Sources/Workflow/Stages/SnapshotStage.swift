public import Diagnostics
import Preferences
import StrictJSON

/// Freezes a store's pairs into a folder.
public enum SnapshotStage {
    /// Makes the snapshot; a folder that holds the same one already is left as it is, and that is said.
    public static func run(
        store path: String, output: String, heldOutFraction: Double, seed: UInt64, events: StageEvents
    ) throws(Refusal) -> StageResult {
        try TextFile.requireFile(path, code: "store")
        let store = try PreferenceStore(at: path)
        let options = SnapshotOptions(seed: seed, heldOutFraction: heldOutFraction)
        let snapshot = try store.makeSnapshot(options) { done, total in
            events.progress(StageProgress("Looking for copies", done: done, total: total, unit: "pairs"))
        }
        if let existing = try? PreferenceSnapshot.load(from: output), existing.digest == snapshot.digest {
            events.say("Skipped: \(output) holds this snapshot already.")
        } else {
            try snapshot.write(to: output)
        }
        let excluded = snapshot.exclusions.map { "\($0.count) \($0.reason)" }
        return StageResult(
            [
                "snapshot": .string(output), "sha256": .string(snapshot.digest),
                "train": .number(JSONNumber(snapshot.train.count)),
                "held_out": .number(JSONNumber(snapshot.heldOut.count)),
                "excluded": .object(
                    JSONObject(
                        snapshot.exclusions.map { JSONObject.Member($0.reason, .number(JSONNumber($0.count))) })),
            ],
            text: "\(output): \(counted(snapshot.train.count, "training pair")), \(snapshot.heldOut.count) held out, "
                + (excluded.isEmpty ? "none left out" : "left out: " + excluded.joined(separator: ", "))
                + ". sha256 \(snapshot.digest.prefix(12))…")
    }
}
