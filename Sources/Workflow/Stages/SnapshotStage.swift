public import Diagnostics
import Preferences
import StrictJSON

/// Freezes a store's pairs into a folder, and compares two such folders.
public enum SnapshotStage {
    /// Which of the usable pairs are taken; everything unless told otherwise.
    public struct Filters: Sendable {
        /// Modalities to take; empty for all, as in the lists below.
        public var modalities: [String] = []
        /// Body parts to take.
        public var bodyParts: [String] = []
        /// Sources to take.
        public var sources: [String] = []
        /// Reviewers to take.
        public var reviewers: [String] = []
        /// Kinds of rejected text to take: `off_style`, `content_error`, `base_output`.
        public var rejectedKinds: [String] = []
        /// Versions of the guideline to take judged pairs and edits of.
        public var guidelines: [String] = []
        /// The least strength of a judged pair: `negligible`, `slight`, `better`, `significant`; nil for all.
        public var minimumStrength: String?
        /// Whether pairs with a text that was never screened for identifiers are left out.
        public var requiresScreening = false
        /// How many pairs to train on, chosen by agreement, strength and difference; nil for all.
        public var curatedSize: Int?
        /// From which Jaccard similarity on a training prompt counts as a copy of a held-out one; above 0, at most 1.
        public var nearDuplicateThreshold = 0.5

        /// Takes everything.
        public init() {}

        /// The options of the store, or which word is not known.
        func options(seed: UInt64, heldOutFraction: Double) throws(Refusal) -> SnapshotOptions {
            func list(_ values: [String]) -> [String]? { values.isEmpty ? nil : values }
            var options = SnapshotOptions(
                seed: seed, heldOutFraction: heldOutFraction, modalities: list(modalities), bodyParts: list(bodyParts),
                sources: list(sources), reviewers: list(reviewers), nearDuplicateThreshold: nearDuplicateThreshold,
                guidelines: list(guidelines), requiresScreening: requiresScreening, curatedSize: curatedSize)
            let kinds = Dictionary(
                uniqueKeysWithValues: PreferencePair.RejectedKind.allCases.map { ($0.rawValue, $0) })
            if !rejectedKinds.isEmpty {
                options.rejectedKinds = try rejectedKinds.map { name throws(Refusal) in
                    try Self.value(name, of: kinds, "--rejected-kind")
                }
            }
            let strengths = Dictionary(uniqueKeysWithValues: Judgement.Strength.allCases.map { ("\($0)", $0) })
            options.minimumStrength = try minimumStrength.map { name throws(Refusal) in
                try Self.value(name, of: strengths, "--min-strength")
            }
            return options
        }

        private static func value<Value>(
            _ name: String, of known: [String: Value], _ option: String
        ) throws(Refusal) -> Value {
            if let value = known[name] { return value }
            throw Refusal(
                code: "snapshot.unknown-value", at: option, "\"\(name)\" is not known",
                mend: "write one of \(known.keys.sorted().joined(separator: ", "))")
        }
    }

    /// Makes the snapshot; a folder that holds the same one already is left as it is, and that is said.
    public static func run(
        store path: String, output: String, heldOutFraction: Double, seed: UInt64, filters: Filters = Filters(),
        events: StageEvents
    ) throws(Refusal) -> StageResult {
        try TextFile.requireFile(path, code: "store")
        let options = try filters.options(seed: seed, heldOutFraction: heldOutFraction)
        let store = try PreferenceStore(at: path)
        let snapshot = try store.makeSnapshot(options) { done, total in
            events.progress(StageProgress("Looking for copies", done: done, total: total, unit: "pairs"))
        }
        if let existing = try? PreferenceSnapshot.load(from: output), existing.digest == snapshot.digest {
            events.say("Skipped: \(output) holds this snapshot already.")
        } else {
            try snapshot.write(to: output)
        }
        let unscreened = try store.neverScreenedCount(in: snapshot)
        let excluded = snapshot.exclusions.map { "\($0.count) \($0.reason)" }
        return StageResult(
            [
                "snapshot": .string(output), "sha256": .string(snapshot.digest),
                "train": .number(JSONNumber(snapshot.train.count)),
                "held_out": .number(JSONNumber(snapshot.heldOut.count)),
                "excluded": .object(
                    JSONObject(
                        snapshot.exclusions.map { JSONObject.Member($0.reason, .number(JSONNumber($0.count))) })),
                "never_screened": .number(JSONNumber(unscreened)),
            ],
            text: "\(output): \(counted(snapshot.train.count, "training pair")), \(snapshot.heldOut.count) held out, "
                + (excluded.isEmpty ? "none left out" : "left out: " + excluded.joined(separator: ", "))
                + ". sha256 \(snapshot.digest.prefix(12))…"
                + (unscreened == 0
                    ? ""
                    : "\n\(counted(unscreened, "pair")) with a text that was never screened for identifiers: "
                        + "overread screen --store \(path) --keep does that."))
    }

    /// Compares two snapshots' folders by the ids of their pairs.
    public static func difference(from older: String, to newer: String) throws(Refusal) -> StageResult {
        let difference = SnapshotDifference(
            from: try PreferenceSnapshot.load(from: older), to: try PreferenceSnapshot.load(from: newer))
        let lists = [
            ("added", difference.added), ("removed", difference.removed), ("moved", difference.moved),
            ("changed", difference.changed),
        ]
        var object: JSONObject = ["from": .string(older), "to": .string(newer)]
        var lines = [
            lists.map { "\($0.1.count) \($0.0)" }.joined(separator: ", ") + ", \(difference.unchangedCount) unchanged."
        ]
        for (name, ids) in lists {
            object[name] = .array(ids.map { .string($0) })
            lines += ids.prefix(listed).map { "\(name) \($0)" }
            if ids.count > listed { lines.append("\(name): \(ids.count - listed) more, in --json") }
        }
        object["unchanged"] = .number(JSONNumber(difference.unchangedCount))
        return StageResult(object, text: lines.joined(separator: "\n"))
    }

    /// How many ids of a kind are listed for a person.
    private static let listed = 20
}
