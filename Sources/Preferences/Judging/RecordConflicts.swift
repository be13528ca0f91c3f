/// Records of different doors that say the same or the opposite.
enum RecordConflicts {
    /// Keeps one of several records of the same preference, and none of records that contradict each other.
    ///
    /// The one kept is the one that most is known of: adjudicated, then judged, then edited, then imported. An adjudicated
    /// one also stands against those that contradict it. Counted as `duplicate`, `overruled` and `conflict`.
    static func resolve(
        _ records: [StoredPairs.Stored], counting exclusions: inout [String: Int]
    ) -> [StoredPairs.Stored] {
        // Imported pairs are distinct already; without others there is nothing to compare.
        guard records.contains(where: { !$0.origin.isImported }) else { return records }
        var groups: [String: [Int]] = [:]
        for (index, record) in records.enumerated() { groups[record.pair.unorderedDigest, default: []].append(index) }
        var dropped: [Int: String] = [:]
        for members in groups.values where members.count > 1 {
            let ranked = members.sorted { (-records[$0].origin.rank, $0) < (-records[$1].origin.rank, $1) }
            let best = ranked[0]
            let content = records[best].pair.contentDigest
            let others = ranked.dropFirst()
            let contradicting = others.filter { records[$0].pair.contentDigest != content }
            let isDecided =
                records[best].origin.isAdjudicated
                && contradicting.allSatisfy { !records[$0].origin.isAdjudicated }
            if contradicting.isEmpty || isDecided {
                for other in others { dropped[other] = contradicting.contains(other) ? "overruled" : "duplicate" }
            } else {
                for member in members { dropped[member] = "conflict" }
            }
        }
        for reason in dropped.values { exclusions[reason, default: 0] += 1 }
        return records.indices.filter { dropped[$0] == nil }.map { records[$0] }
    }
}
