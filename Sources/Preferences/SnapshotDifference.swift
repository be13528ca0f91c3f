/// What one snapshot has that another has not, by the pairs' ids.
public struct SnapshotDifference: Sendable, Equatable {
    /// Pairs that only the newer one has.
    public let added: [String]
    /// Pairs that only the older one has.
    public let removed: [String]
    /// Pairs of both that went to the other side of the split.
    public let moved: [String]
    /// Pairs of both on the same side of which some field differs.
    public let changed: [String]
    /// How many pairs are the same in every field.
    public let unchangedCount: Int

    /// Compares two snapshots; ids are in the order of their bytes.
    public init(from older: PreferenceSnapshot, to newer: PreferenceSnapshot) {
        let before = Self.byID(older)
        let after = Self.byID(newer)
        var added: [[UInt8]] = []
        var moved: [[UInt8]] = []
        var changed: [[UInt8]] = []
        var unchangedCount = 0
        for (id, pair) in after {
            guard let earlier = before[id] else {
                added.append(id)
                continue
            }
            if earlier.split != pair.split {
                moved.append(id)
            } else if earlier.canonicalBytes != pair.canonicalBytes {
                changed.append(id)
            } else {
                unchangedCount += 1
            }
        }
        self.added = Self.sorted(added)
        removed = Self.sorted(before.keys.filter { after[$0] == nil })
        self.moved = Self.sorted(moved)
        self.changed = Self.sorted(changed)
        self.unchangedCount = unchangedCount
    }

    private static func byID(_ snapshot: PreferenceSnapshot) -> [[UInt8]: PreferencePair] {
        let pairs = (snapshot.train + snapshot.heldOut).map { (Array($0.id.utf8), $0) }
        return Dictionary(pairs) { first, _ in first }
    }

    private static func sorted(_ ids: [[UInt8]]) -> [String] {
        ids.sorted { $0.lexicographicallyPrecedes($1) }.map { String(decoding: $0, as: UTF8.self) }
    }
}
