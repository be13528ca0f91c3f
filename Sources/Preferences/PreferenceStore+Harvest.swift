public import Diagnostics
internal import GRDB

/// What became of pairs that were given to a store as values.
public struct HarvestImportReport: Sendable, Equatable {
    /// Pairs that the store did not have.
    public internal(set) var takenCount = 0
    /// Pairs whose texts the store has already.
    public internal(set) var knownCount = 0
    /// Pairs that contradict one another or the store, with the reason; they are left out.
    public internal(set) var refused: [Refusal] = []

    /// Makes a report of nothing.
    public init() {}
}

extension PreferenceStore {
    /// Imports pairs that were made of report versions, in one transaction; those that contradict the store are left out.
    ///
    /// The same pairs a second time change nothing. A pair with the texts of one that is there is known, even where
    /// figures beside the texts have changed since.
    ///
    /// - Parameters:
    ///   - pairs: the pairs, each with an id.
    ///   - name: what the batch and the refusals call their source.
    ///   - dryRun: whether everything is checked and nothing changed.
    public func importPairs(
        _ pairs: [PreferencePair], named name: String, dryRun: Bool = false
    ) throws(Refusal) -> HarvestImportReport {
        var report = HarvestImportReport()
        var inBatch = FileConflicts(path: name)
        var sound: [ImportPlan.Candidate] = []
        var digest = FileDigest()
        var bytes: Int64 = 0
        for (index, pair) in pairs.enumerated() {
            let line = Array(pair.jsonLine.utf8) + [0x0A]
            digest.add(line)
            let candidate = ImportPlan.Candidate(
                pair, line: index + 1, offset: bytes, length: Int64(line.count))
            bytes += Int64(line.count)
            do throws(Refusal) {
                try inBatch.check(candidate)
                sound.append(candidate)
            } catch {
                report.refused.append(error)
            }
        }
        let (new, known, contradicting) = try reading { database in
            var new: [ImportPlan.Candidate] = []
            var known = 0
            var contradicting: [Refusal] = []
            for candidate in sound {
                switch try StoreConflicts.judge(candidate, file: name, database) {
                case .isNew: new.append(candidate)
                case .isStored: known += 1
                case .contradicts(let refusal):
                    if refusal.code == "pair.differs" { known += 1 } else { contradicting.append(refusal) }
                }
            }
            return (new, known, contradicting)
        }
        report.knownCount = known
        report.takenCount = new.count
        report.refused += contradicting
        guard !dryRun, !new.isEmpty else { return report }
        let plan = ImportPlan(
            path: name, taken: new, refused: [], passed: [], records: new.count,
            file: (digest.finishedHex(), bytes, pairs.count), notes: [])
        var options = ImportOptions()
        options.isScreenedAlready = try reading { database in
            try new.flatMap { [$0.pair.prompt, $0.pair.chosen, $0.pair.rejected] }
                .allSatisfy { try Screenings.newest($0.digest, database) != nil }
        }
        _ = try carryOut(plan, options: options, onRefusedLine: { _ in })
        return report
    }

    /// How many report versions the store holds.
    public func reportVersionCount() throws(Refusal) -> Int {
        try reading { try Int.fetchOne($0, sql: "SELECT count(*) FROM report_version") ?? 0 }
    }
}
