import ClinicalMessages
import Preferences
import StrictJSON

/// What an import of reports says at its end: counts, and nothing of any report.
struct ReportImportSummary {
    let store: String
    let feed: String
    let reading: FeedReading
    let harvest: FeedHarvest
    let dryRun: Bool

    var result: StageResult { StageResult(facts, text: lines.joined(separator: "\n")) }

    private var exclusions: [(name: String, count: Int)] {
        HarvestExclusion.allCases.compactMap { reason in
            harvest.harvest.exclusions[reason].map { (reason.rawValue, $0) }
        }
    }

    private static func sorted(_ counts: [String: Int]) -> [(name: String, count: Int)] {
        counts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { ($0.key, $0.value) }
    }

    private static func json(_ counts: [(name: String, count: Int)]) -> JSONValue {
        .object(JSONObject(counts.map { JSONObject.Member($0.name, .number(JSONNumber($0.count))) }))
    }

    private static func words(_ counts: [(name: String, count: Int)]) -> String {
        counts.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
    }

    private func suspect() -> Int { harvest.screened[.suspect] ?? 0 }

    private var facts: JSONObject {
        func count(_ number: Int) -> JSONValue { .number(JSONNumber(number)) }
        let test = reading.selfTest.map { test -> JSONValue in
            .object(
                JSONObject(
                    [JSONObject.Member("orders", count(test.orderCount))]
                        + AccessionField.allCases.map {
                            JSONObject.Member($0.rawValue, count(test.hits[$0]?.filled ?? 0))
                        }))
        }
        return [
            "store": .string(store), "feed": .string(feed), "dry_run": .bool(dryRun),
            "messages": count(reading.unitCount), "refused": count(reading.refused.count),
            "notices": Self.json(Self.sorted(reading.notices)), "accession_self_test": test ?? .null,
            "versions": [
                "new": count(harvest.newVersions), "known": count(harvest.knownVersions),
                "not_kept": Self.json(Self.sorted(harvest.notKept)),
            ],
            "exams": count(harvest.harvest.examCount),
            "pairs": [
                "new": count(harvest.takenCount), "known": count(harvest.imported.knownCount),
                "refused": count(harvest.imported.refused.count),
            ],
            "left_out": Self.json(exclusions), "compared": count(harvest.harvest.compared),
            "accepted_unchanged": count(harvest.harvest.acceptedUnchanged),
            "accepted_share": harvest.harvest.acceptedShare.map { .number(JSONNumber($0)) } ?? .null,
            "held_back": count(harvest.heldBack),
            "screening": [
                "clean": count(harvest.screened[.clean] ?? 0), "suspect": count(suspect()),
                "found": Self.json(Self.sorted(harvest.found)),
            ],
        ]
    }

    private var lines: [String] {
        var lines = ["\(counted(reading.unitCount, "message")) of feed \(feed), \(reading.refused.count) refused."]
        if let test = reading.selfTest {
            let rates = AccessionField.allCases.map { field in
                "\(field.rawValue) \(test.hits[field]?.filled ?? 0)\(field == test.configured ? " (the feed's)" : "")"
            }
            lines.append(
                "Accession number, filled in of \(counted(test.orderCount, "order")): "
                    + rates.joined(separator: ", ") + ".")
        }
        lines.append(
            "Report versions: \(harvest.newVersions) new, \(harvest.knownVersions) known already"
                + (harvest.notKept.isEmpty ? "." : ", not kept: \(Self.words(Self.sorted(harvest.notKept)))."))
        lines.append(
            "\(counted(harvest.harvest.examCount, "exam")): \(counted(harvest.takenCount, "new pair")), "
                + "\(harvest.imported.knownCount) known already"
                + (exclusions.isEmpty ? "." : "; left out: \(Self.words(exclusions))."))
        if let share = harvest.harvest.acceptedShare {
            let percent = Int((share * 100).rounded())
            lines.append(
                "Drafts accepted unchanged: \(harvest.harvest.acceptedUnchanged) of \(harvest.harvest.compared) "
                    + "(\(percent) %).")
        }
        if harvest.heldBack > 0 {
            lines.append("Reports withdrawn: their \(counted(harvest.heldBack, "pair")) will be in no snapshot.")
        }
        if !harvest.screened.isEmpty {
            lines.append(
                "Privacy screen: \(harvest.screened[.clean] ?? 0) texts clean, \(suspect()) suspect"
                    + (harvest.found.isEmpty ? "." : " (\(Self.words(Self.sorted(harvest.found)))).")
                    + (suspect() > 0 ? " A suspect text keeps its pair out of snapshots." : ""))
        }
        lines.append(dryRun ? "Dry run: nothing was changed." : "\(store): done.")
        return lines
    }
}
