import Diagnostics
import Evaluation
import Preferences
import StrictJSON
import Transformer

/// What reviewers preferred, one item a line: the file that `overread arena verdicts` writes and `overread compare` reads.
///
/// A line has the fields of `verdicts.jsonl` that every judge's has (`id`, `cluster`, `system`, `against`, `verdict`), and
/// `judge`, `basis`, the SHA-256 of both outputs, and `readings`. No line holds text of a report.
struct ReviewerVerdictFile {
    let items: [ReviewedItem]
    private let path: String
    private let digests: [(aligned: String, base: String)]

    /// The line of one outcome; nil for an entry that an adjudicator took out.
    static func line(_ outcome: ArenaOutcome) -> JSONValue? {
        guard !outcome.isExcluded else { return nil }
        let item = reviewed(outcome)
        let basis =
            item.isIdentical
            ? "identical" : item.decided != nil ? "adjudicated" : item.verdict == nil ? "open" : "readers"
        return [
            "id": .string(outcome.item), "cluster": .string(outcome.cluster), "judge": "reviewers",
            "system": "aligned", "against": "base", "verdict": item.verdict.map { .string($0.rawValue) } ?? .null,
            "basis": .string(basis), "system_sha256": .string(outcome.alignedSHA256),
            "against_sha256": .string(outcome.baseSHA256),
            "readings": .array(
                outcome.readings.map { reading in
                    [
                        "reader": .string(reading.reviewer), "verdict": .string(verdict(reading.alignedScore).rawValue),
                        "both_bad": .bool(reading.choice == .bothBad),
                        "left": .string(reading.alignedIsLeft ? "aligned" : "base"), "repeat": .bool(reading.isRepeat),
                        "active_ms": reading.activeMilliseconds.map { .number(JSONNumber($0)) } ?? .null,
                        "at": .string(reading.at.description),
                    ]
                }),
        ]
    }

    /// An outcome as the statistics take it.
    static func reviewed(_ outcome: ArenaOutcome) -> ReviewedItem {
        ReviewedItem(
            item: outcome.item, cluster: outcome.cluster, isIdentical: outcome.isIdentical,
            decided: outcome.decidedScore.map(verdict),
            readings: outcome.readings.map {
                ReviewedItem.Reading(
                    reader: $0.reviewer, verdict: verdict($0.alignedScore), isBothBad: $0.choice == .bothBad,
                    isSwapped: !$0.alignedIsLeft, isRepeat: $0.isRepeat)
            })
    }

    private static func verdict(_ score: Double) -> Verdict { score > 0.5 ? .win : score < 0.5 ? .loss : .tie }

    /// Reads a file whose items are held-out cases.
    ///
    /// - Throws: `reviewer-verdicts.bad-record`; `compare.other-cases` for an item that is no held-out case.
    init(path: String, caseIDs: [String]) throws(Refusal) {
        let known = Set(caseIDs.map { Array($0.utf8) })
        let bytes = try TextFile.readBytes(path, code: "reviewer-verdicts", limit: 256 << 20)
        var items: [ReviewedItem] = []
        var digests: [(aligned: String, base: String)] = []
        var seen: Set<[UInt8]> = []
        for (index, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
            guard line.contains(where: { $0 != 32 && $0 != 9 && $0 != 13 }) else { continue }
            let place = "\(path):\(index + 1)"
            let value = try JSONValue(parsing: Array(line), named: path, firstLine: index + 1)
            guard let item = Self.item(value), let aligned = value["system_sha256"]?.string,
                let base = value["against_sha256"]?.string, seen.insert(Array(item.item.utf8)).inserted
            else {
                throw Refusal(
                    code: "reviewer-verdicts.bad-record", at: place,
                    "the line is no verdict of reviewers, or its item occurs twice",
                    mend: "give a file that overread arena verdicts wrote")
            }
            guard known.contains(Array(item.item.utf8)) else {
                throw Refusal(
                    code: "compare.other-cases", at: place, "the item is no held-out case of this snapshot",
                    mend: "give the arena's prompts the ids of the snapshot's held-out cases")
            }
            items.append(item)
            digests.append((aligned, base))
        }
        guard items.contains(where: { $0.verdict != nil }) else {
            throw Refusal(
                code: "reviewer-verdicts.empty", at: path, "no item has a verdict", mend: "have the arena judged first")
        }
        self.path = path
        self.items = items
        self.digests = digests
    }

    private static func item(_ value: JSONValue) -> ReviewedItem? {
        guard value["judge"]?.string == "reviewers", value["system"]?.string == "aligned",
            value["against"]?.string == "base", let id = value["id"]?.string, let cluster = value["cluster"]?.string,
            let basis = value["basis"]?.string, ["identical", "adjudicated", "open", "readers"].contains(basis),
            let lines = value["readings"]?.array
        else { return nil }
        let readings = lines.compactMap { line -> ReviewedItem.Reading? in
            guard let reader = line["reader"]?.string, let verdict = line["verdict"]?.string.flatMap(Verdict.init),
                let isBothBad = line["both_bad"]?.bool, let left = line["left"]?.string,
                ["aligned", "base"].contains(left), let isRepeat = line["repeat"]?.bool
            else { return nil }
            return ReviewedItem.Reading(
                reader: reader, verdict: verdict, isBothBad: isBothBad, isSwapped: left == "base", isRepeat: isRepeat)
        }
        let decided = basis == "adjudicated" ? value["verdict"]?.string.flatMap(Verdict.init) : nil
        guard readings.count == lines.count, (basis == "adjudicated") == (decided != nil) else { return nil }
        let item = ReviewedItem(
            item: id, cluster: cluster, isIdentical: basis == "identical", decided: decided, readings: readings)
        // What the line says must follow from what it lists.
        guard item.verdict?.rawValue == value["verdict"]?.string else { return nil }
        return item
    }

    /// The reviewers as a judge, when what they read is what the systems write here.
    ///
    /// - Throws: `compare.other-outputs` for the first item whose outputs differ.
    func judge(base: SystemOutputs, aligned: SystemOutputs, seed: UInt64) throws(Refusal) -> ReviewerJudge? {
        var index: [[UInt8]: Int] = [:]
        for (number, one) in base.cases.enumerated() { index[Array(one.id.utf8)] = number }
        for (number, item) in items.enumerated() {
            guard let found = index[Array(item.item.utf8)] else { continue }
            func digest(_ system: SystemOutputs) -> String {
                Digests.text(system.generations[found].text)
            }
            guard digest(aligned) == digests[number].aligned, digest(base) == digests[number].base else {
                throw Refusal(
                    code: "compare.other-outputs", at: path,
                    "item \(number + 1) was judged on other outputs than base and aligned model write here",
                    mend: "judge what these models write with this number of new tokens, or leave the file out")
            }
        }
        return ReviewerJudge(items, options: AgreementOptions(seed: seed))
    }
}
