import ClinicalMessages
import Diagnostics
import Preferences
import PrivacyScreen
import StrictJSON

/// What report versions gave when they were kept, harvested and screened.
struct FeedHarvest {
    /// Versions that the store did not have.
    private(set) var newVersions = 0
    /// Versions that it had.
    private(set) var knownVersions = 0
    /// Versions that were not kept, by reason.
    private(set) var notKept: [String: Int] = [:]
    /// The pairs, the exclusions and the share accepted unchanged.
    private(set) var harvest: Harvest
    /// What became of the pairs.
    private(set) var imported = HarvestImportReport()
    /// Texts by what the privacy screen said of them.
    private(set) var screened: [ScreeningState: Int] = [:]
    /// What the screen found, by class.
    private(set) var found: [String: Int] = [:]
    /// Pairs held back because their exam's report was withdrawn.
    private(set) var heldBack = 0

    /// Keeps the versions, harvests their exams with all that the store knows of them, screens and imports the pairs.
    ///
    /// What the screen says of a text is kept before the pair that holds it is.
    ///
    /// - Parameter store: nil for a dry run where no store is; with `dryRun` it is only read.
    init(
        _ versions: [ClinicalMessages.ReportVersion], feed: FeedFile, store: PreferenceStore?, dryRun: Bool,
        named name: String
    ) throws(Refusal) {
        var exams = ExamsOfVersions(versions, store: store)
        try exams.settle()
        notKept = exams.notKept
        if let store, !dryRun {
            (newVersions, knownVersions) = try Self.record(exams, in: store, &notKept)
        } else {
            knownVersions = exams.storedCount
            newVersions = exams.usable.count - knownVersions
        }
        let all = try exams.withStored(feed: feed.settings.name)
        var settings = feed.harvest
        settings.templates = TemplateSentences(in: all)
        harvest = Harvest(all, settings: settings) { _ in true }
        let pairs = harvest.pairs.map { FeedPair.record(of: $0, feed: feed, exam: exams.exam($0.examKey)) }
        try screen(pairs, feed: feed, store: dryRun ? nil : store)
        try holdBackWithdrawn(all, settings, feed, exams, store: dryRun ? nil : store)
        if let store { imported = try store.importPairs(pairs, named: name, dryRun: dryRun) }
    }

    /// How many pairs were taken, or would be where nothing is changed.
    var takenCount: Int { max(imported.takenCount, harvest.pairs.count - imported.knownCount - imported.refused.count) }

    private static func record(
        _ exams: ExamsOfVersions, in store: PreferenceStore, _ notKept: inout [String: Int]
    ) throws(Refusal) -> (new: Int, known: Int) {
        let values = exams.usable.map { StoredVersion.value(of: $0.version, exam: $0.exam) }
        do throws(Refusal) {
            let count = try store.record(values).newCount
            return (count, values.count - count)
        } catch {
            guard error.kind == .badInput else { throw error }
            // One that contradicts the store must not keep its neighbours out.
            var (new, known) = (0, 0)
            for value in values {
                do throws(Refusal) {
                    let count = try store.record([value]).newCount
                    new += count
                    known += 1 - count
                } catch {
                    guard error.kind == .badInput else { throw error }
                    notKept[error.code, default: 0] += 1
                }
            }
            return (new, known)
        }
    }

    private mutating func screen(
        _ pairs: [PreferencePair], feed: FeedFile, store: PreferenceStore?
    ) throws(Refusal) {
        let screener = PrivacyScreener(sites: feed.sites)
        var results: [Screening] = []
        var seen: Set<String> = []
        for text in pairs.flatMap({ [$0.prompt, $0.chosen, $0.rejected] }) where seen.insert(text.digest).inserted {
            let result = TextScreening.screening(of: text, by: screener)
            results.append(result)
            screened[result.state, default: 0] += 1
            found.merge(result.found, uniquingKeysWith: +)
        }
        try store?.record(results)
    }

    /// Marks the prompts of pairs that withdrawn reports gave earlier, so that no snapshot takes them.
    ///
    /// The prompt and not the answers: it holds the exam's own findings, while many exams share a short impression.
    private mutating func holdBackWithdrawn(
        _ all: [ClinicalMessages.ReportVersion], _ settings: HarvestSettings, _ feed: FeedFile,
        _ exams: ExamsOfVersions, store: PreferenceStore?
    ) throws(Refusal) {
        guard !harvest.withdrawnExams.isEmpty else { return }
        let withdrawn = Set(harvest.withdrawnExams.map { Array($0.utf8) })
        let before = all.filter { version in
            version.status.normalized != .withdrawn
                && (version.examKeys.first ?? version.reportKey).map { withdrawn.contains(Array($0.utf8)) } == true
        }
        let pairs = Harvest(before, settings: settings) { _ in true }.pairs.map {
            FeedPair.record(of: $0, feed: feed, exam: exams.exam($0.examKey))
        }
        heldBack = pairs.count
        try store?.record(
            pairs.map {
                Screening(
                    textDigest: $0.prompt.digest, state: .suspect, screener: "overread report status",
                    found: ["withdrawn report": 1])
            })
    }
}

/// The privacy screen's word on a text, as the store keeps it.
enum TextScreening {
    /// The screener's name and the version of its rules.
    static let name = "overread privacy screen \(PrivacyScreener.version)"

    static func screening(of text: PromptText, by screener: PrivacyScreener) -> Screening {
        let result = screener.screen(text.plainText)
        return Screening(
            textDigest: text.digest, state: result.state == .clean ? .clean : .suspect, screener: name,
            found: Dictionary(uniqueKeysWithValues: result.counts.map { ($0.identifierClass.rawValue, $0.count) }))
    }
}

/// Harvested pairs as records.
enum FeedPair {
    /// The record of a pair; it holds keys, figures and the three texts, and no date.
    static func record(of pair: HarvestedPair, feed: FeedFile, exam: Exam) -> PreferencePair {
        let parts = [("Indication", pair.indication), ("Comparison", pair.comparison), ("Findings", pair.findings)]
        let findings = parts.filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1)" }.joined(separator: "\n")
        func side(_ role: String, _ text: String) -> PromptText { .messages([.init(role: role, content: text)]) }
        var record = PreferencePair(
            id: "harvest-" + pair.examKey, prompt: side("user", feed.instruction + "\n\n" + findings),
            chosen: side("assistant", pair.chosen), rejected: side("assistant", pair.rejected))
        record.patient = exam.patient
        record.exam = pair.examKey
        record.modality = exam.modality
        record.source = "harvested"
        record.reviewer = pair.chosenAuthor
        record.findings = findings.isEmpty ? nil : findings
        record.additional = ["provenance": provenance(of: pair, feed: feed.settings.name)]
        return record
    }

    private static func provenance(of pair: HarvestedPair, feed: String) -> JSONValue {
        func count(_ number: Int) -> JSONValue { .number(JSONNumber(number)) }
        func key(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
        func change(_ difference: WordDifference) -> JSONValue {
            [
                "deleted": count(difference.deleted), "inserted": count(difference.inserted),
                "words": count(difference.total),
            ]
        }
        let onlyChosen = ChosenOnlyFacts.Kind.allCases.compactMap { kind in
            pair.chosenOnly.words[kind].map { JSONObject.Member(kind.rawValue, count($0.count)) }
        }
        return [
            "kind": "observed", "feed": .string(feed), "rejected_message": .string(pair.messageKeys.rejected),
            "chosen_message": .string(pair.messageKeys.chosen), "rejected_author": key(pair.rejectedAuthor),
            "chosen_author": key(pair.chosenAuthor), "impression_change": change(pair.impressionChange),
            "report_change": change(pair.reportChange), "findings_changed": .bool(pair.findingsChanged),
            "only_in_chosen": .object(JSONObject(onlyChosen)),
            "normalizer": count(pair.normalizerVersion),
        ]
    }
}
