/// The pairs that a set of report versions gives, and why the other exams gave none.
///
/// Every exam is counted once: as a pair or under the first gate that it did not pass.
public struct Harvest: Sendable {
    /// The pairs, by exam key.
    public private(set) var pairs: [HarvestedPair] = []
    /// How many exams each gate stopped.
    public private(set) var exclusions: [HarvestExclusion: Int] = [:]
    /// The keys of exams with a withdrawn version: pairs made of them earlier are to be deleted.
    public private(set) var withdrawnExams: [String] = []
    /// How many exams there were.
    public private(set) var examCount = 0
    /// Versions that were the same message or the same text sent again.
    public private(set) var repeatedVersions = 0
    /// Corrections and addenda after the final that was used.
    public private(set) var laterVersions = 0

    /// How many drafts became final as they stood.
    public var acceptedUnchanged: Int { exclusions[.acceptedUnchanged] ?? 0 }

    /// The exams that had a draft and a final whose texts could be compared.
    public private(set) var compared = 0

    /// The share of compared drafts that were accepted unchanged, 0 to 1; nil when none was compared.
    public var acceptedShare: Double? { compared == 0 ? nil : Double(acceptedUnchanged) / Double(compared) }

    private let settings: HarvestSettings

    /// Harvests a set of versions, which may hold repeats and come in any order.
    ///
    /// - Parameters:
    ///   - versions: the versions in the order of arrival.
    ///   - settings: what is allowed.
    ///   - isCleared: whether a version's text was found clean or was cleared by a person.
    public init(
        _ versions: [ReportVersion], settings: HarvestSettings = HarvestSettings(),
        isCleared: (ReportVersion) -> Bool
    ) {
        self.settings = settings
        for exam in Self.exams(versions) {
            examCount += 1
            switch pair(exam, isCleared: isCleared) {
            case .pair(let pair): pairs.append(pair)
            case .excluded(let reason): exclusions[reason, default: 0] += 1
            }
        }
        pairs.sort { $0.examKey.utf8.lexicographicallyPrecedes($1.examKey.utf8) }
    }

    private struct Exam {
        var key: String?
        /// Versions with their number in the order of arrival.
        var versions: [(arrival: Int, version: ReportVersion)] = []
    }

    private enum Outcome {
        case pair(HarvestedPair)
        case excluded(HarvestExclusion)
    }

    /// Versions by exam: by accession number, or by FHIR report id where there is none; a report id that was seen with
    /// an accession number leads to it.
    private static func exams(_ versions: [ReportVersion]) -> [Exam] {
        var examOfReport: [String: String] = [:]
        for version in versions {
            if let report = version.reportKey, let exam = version.examKeys.first { examOfReport[report] = exam }
        }
        var exams: [Exam] = []
        var places: [String: Int] = [:]
        for (arrival, version) in versions.enumerated() {
            let key = version.examKeys.first ?? version.reportKey.map { examOfReport[$0] ?? $0 }
            guard let key else {
                exams.append(Exam(key: nil, versions: [(arrival, version)]))
                continue
            }
            if let place = places[key] {
                exams[place].versions.append((arrival, version))
            } else {
                places[key] = exams.count
                exams.append(Exam(key: key, versions: [(arrival, version)]))
            }
        }
        return exams
    }

    private mutating func pair(_ exam: Exam, isCleared: (ReportVersion) -> Bool) -> Outcome {
        let versions = ordered(exam.versions)
        if versions.contains(where: { $0.status.normalized == .withdrawn }) {
            if let key = exam.key { withdrawnExams.append(key) }
            return .excluded(.withdrawn)
        }
        if versions.contains(where: { $0.examKeys.count > 1 }) { return .excluded(.severalAccessions) }
        guard let key = exam.key else { return .excluded(.noAccession) }
        if Set(versions.compactMap(\.patientKey)).count > 1 { return .excluded(.differentPatients) }
        if versions.contains(where: { $0.status.normalized == nil }) { return .excluded(.unknownStatus) }
        guard let finalPlace = versions.firstIndex(where: { $0.status.normalized == .final && !$0.isAddendum }) else {
            let added = versions.contains { $0.isAddendum || $0.status.normalized == .appended }
            return .excluded(added ? .addendumOnly : .noFinal)
        }
        let final = versions[finalPlace]
        let drafts = versions[..<finalPlace].filter { $0.status.normalized?.isUnverified == true && !$0.isTextless }
        if let draft = drafts.last, draft.status.conflict != nil { return .excluded(.statusConflict) }
        if final.status.conflict != nil { return .excluded(.statusConflict) }
        laterVersions += versions[(finalPlace + 1)...].count { $0.status.normalized?.isUnverified == false }
        if final.isSummary { return .excluded(.addendumOnly) }
        guard let draft = drafts.last else { return .excluded(.noDraft) }
        if final.isTextless {
            guard final.acceptsDraft else { return .excluded(.finalWithoutText) }
            compared += 1
            return .excluded(.acceptedUnchanged)
        }
        let chosen = correction(of: final, among: versions[(finalPlace + 1)...]) ?? final
        if chosen.report.text(of: .addendum) != nil || draft.report.text(of: .addendum) != nil {
            return .excluded(.acrossAddendum)
        }
        guard isCleared(draft), isCleared(chosen) else { return .excluded(.notCleared) }
        compared += 1
        return compare(key, draft, chosen)
    }

    /// Versions by time of the status, then its rank, then time of sending, then arrival; repeats left out.
    private mutating func ordered(_ versions: [(arrival: Int, version: ReportVersion)]) -> [ReportVersion] {
        var kept: [(arrival: Int, version: ReportVersion)] = []
        for (arrival, version) in versions {
            let isRepeat = kept.contains { earlier in
                earlier.version.status == version.status && earlier.version.report == version.report
                    && earlier.version.acceptsDraft == version.acceptsDraft
                    && earlier.version.examKeys == version.examKeys
                    && earlier.version.isTextless == version.isTextless
            }
            if isRepeat { repeatedVersions += 1 } else { kept.append((arrival, version)) }
        }
        func order(_ a: (arrival: Int, version: ReportVersion), _ b: (arrival: Int, version: ReportVersion)) -> Bool {
            let (x, y) = (a.version, b.version)
            if let first = x.changedAt ?? x.sentAt, let second = y.changedAt ?? y.sentAt, first != second {
                return first < second
            }
            let (firstRank, secondRank) = (x.status.normalized?.rank ?? 0, y.status.normalized?.rank ?? 0)
            if firstRank != secondRank { return firstRank < secondRank }
            if let first = x.sentAt, let second = y.sentAt, first != second { return first < second }
            return a.arrival < b.arrival
        }
        return kept.sorted(by: order).map(\.version)
    }

    /// The last correction that came soon enough to belong to the same reading.
    private func correction(of final: ReportVersion, among later: ArraySlice<ReportVersion>) -> ReportVersion? {
        guard settings.correctionHours > 0, let moment = final.changedAt ?? final.sentAt else { return nil }
        let limit = moment.milliseconds + Int64(settings.correctionHours * 3_600_000)
        return later.last { version in
            guard let time = version.changedAt ?? version.sentAt, time.milliseconds <= limit else { return false }
            return (version.status.normalized == .corrected || version.status.normalized == .final)
                && !version.isTextless
                && !version.isAddendum && version.status.conflict == nil
        }
    }

    private func compare(_ key: String, _ draft: ReportVersion, _ final: ReportVersion) -> Outcome {
        let sections = ReportSection.Kind.allCases.filter { $0 != .addendum && $0 != .examination }
        func words(_ version: ReportVersion, _ kind: ReportSection.Kind) -> [[UInt8]] {
            ByteText.words((version.report.text(of: kind) ?? "").utf8)
        }
        func opinion(_ version: ReportVersion, _ kind: ReportSection.Kind) -> [UInt8] {
            settings.templates.removed(from: version.report.text(of: kind) ?? "")
        }
        if sections.allSatisfy({ words(draft, $0) == words(final, $0) }) { return .excluded(.acceptedUnchanged) }
        if sections.allSatisfy({ ByteText.words(opinion(draft, $0)) == ByteText.words(opinion(final, $0)) }) {
            return .excluded(.onlyTemplatesChanged)
        }
        if let author = draft.authorKey, author == final.authorKey { return .excluded(.sameAuthor) }
        guard let rejected = draft.report.text(of: .impression), let chosen = final.report.text(of: .impression) else {
            return .excluded(.noImpression)
        }
        if words(draft, .impression) == words(final, .impression) { return .excluded(.impressionUnchanged) }
        let impressionChange = WordDifference(opinion(draft, .impression), opinion(final, .impression))
        if impressionChange.changed == 0 { return .excluded(.impressionUnchanged) }
        let band = settings.minimumWords...max(settings.minimumWords, settings.maximumWords)
        guard band.contains(words(draft, .impression).count), band.contains(words(final, .impression).count) else {
            return .excluded(.lengthOutOfBand)
        }
        func whole(_ version: ReportVersion) -> [UInt8] {
            Array(sections.map { opinion(version, $0) }.joined(separator: [0x0A]))
        }
        let reportChange = WordDifference(whole(draft), whole(final))
        guard reportChange.ratio <= settings.maximumChange else { return .excluded(.mostlyReplaced) }
        func part(_ kind: ReportSection.Kind) -> String { final.report.text(of: kind) ?? "" }
        let prompt = [part(.indication), part(.comparison), part(.findings)]
        return .pair(
            HarvestedPair(
                examKey: key, patientKey: final.patientKey ?? draft.patientKey, indication: prompt[0],
                comparison: prompt[1], findings: prompt[2], rejected: rejected, chosen: chosen,
                impressionChange: impressionChange, reportChange: reportChange,
                findingsChanged: words(draft, .findings) != words(final, .findings),
                chosenOnly: ChosenOnlyFacts(chosen: chosen, known: prompt + [rejected]),
                rejectedAuthor: draft.authorKey, chosenAuthor: final.authorKey,
                messageKeys: (draft.messageKey, final.messageKey), modality: final.modality ?? draft.modality,
                procedure: final.procedure, finalAt: final.changedAt ?? final.sentAt,
                normalizerVersion: final.report.normalizerVersion))
    }
}
