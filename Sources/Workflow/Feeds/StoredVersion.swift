import ClinicalMessages
import Diagnostics
import Preferences

/// Report versions between the readers' values and the store's.
enum StoredVersion {
    /// The store's value of a version.
    ///
    /// The cleaned text is kept with its headings; an acceptance without text keeps `U` of OBX-11 as its status's word.
    static func value(
        of version: ClinicalMessages.ReportVersion, exam: Exam
    ) -> Preferences.ReportVersion {
        let moment = version.changedAt ?? version.sentAt
        let report = version.report
        return Preferences.ReportVersion(
            exam: exam, source: version.source == .fhir ? .fhir : .hl7v2, rawSHA256: version.sourceDigest,
            controlID: version.messageKey, status: status(of: version),
            statusRaw: version.acceptsDraft ? "U" : key(version.status.raw),
            statusField: version.acceptsDraft ? "OBX-11" : version.status.field.rawValue,
            statusConflicts: version.status.conflict != nil || version.examKeys.count > 1,
            statusChanged: moment.flatMap(text), observed: version.observedAt.flatMap(text),
            authorRole: role(of: version), authorKey: version.authorKey,
            text: version.isTextless ? "" : report.fullText, findings: report.text(of: .findings),
            impression: report.text(of: .impression), technique: report.text(of: .technique),
            addendum: report.text(of: .addendum), normaliserVersion: String(report.normalizerVersion))
    }

    /// The readers' value of a stored version, as far as a harvest looks at it.
    static func version(
        of stored: Preferences.ReportVersion, feed: String
    ) -> ClinicalMessages.ReportVersion {
        var version = ClinicalMessages.ReportVersion(
            keptFrom: stored.source == .fhir ? .fhir : .hl7v2, feed: feed, messageKey: stored.controlID ?? "",
            sourceDigest: stored.rawSHA256,
            status: StatusReading(
                raw: stored.statusRaw ?? "", field: stored.statusField.flatMap { .init(rawValue: $0) } ?? .absent,
                normalized: ladder(stored.status), conflict: stored.statusConflicts ? .resultAndObservation : nil))
        version.examKeys = stored.exam.key.map { [$0] } ?? []
        version.patientKey = stored.exam.patient
        version.changedAt = stored.statusChanged.flatMap { UTCTime($0) }.map {
            ReportTime(milliseconds: $0.milliseconds)
        }
        version.modality = stored.exam.modality
        version.procedure.text = stored.exam.procedureText ?? ""
        version.sourceText = stored.text
        version.report.normalizerVersion = Int(stored.normaliserVersion) ?? 0
        version.report.sections = ReportParts.sections(of: stored.text)
        version.isAddendum = stored.status == .addendum
        version.acceptsDraft = version.isTextless && stored.statusField == "OBX-11" && stored.statusRaw == "U"
        if let key = stored.authorKey {
            version.interpreters = [.init(stored.authorRole == .trainee ? .assistant : .principal, key: key)]
        }
        return version
    }

    private static func status(of version: ClinicalMessages.ReportVersion) -> Preferences.ReportVersion.Status {
        switch version.status.normalized {
        case nil: .unknown
        case .unreported: .ordered
        case .draft: .draft
        case .preliminary: .preliminary
        // An addendum alone and a summary are no report of the exam that a draft could be compared with.
        case .final: version.isAddendum || version.isSummary ? .addendum : .final
        case .corrected: version.isAddendum ? .addendum : .corrected
        case .appended: .addendum
        case .withdrawn: .withdrawn
        }
    }

    private static func ladder(_ status: Preferences.ReportVersion.Status) -> ReportStatus? {
        switch status {
        case .ordered: .unreported
        case .draft: .draft
        case .preliminary: .preliminary
        case .final: .final
        case .addendum: .appended
        case .corrected: .corrected
        case .withdrawn: .withdrawn
        case .unknown: nil
        }
    }

    private static func role(
        of version: ClinicalMessages.ReportVersion
    ) -> Preferences.ReportVersion.AuthorRole {
        guard let author = version.authorKey else { return .unknown }
        return switch version.interpreters.first(where: { $0.key == author })?.role {
        case .principal: .attending
        case .assistant: .trainee
        case .transcriptionist: .transcriptionist
        case nil: .unknown
        }
    }

    /// RFC 3339 text of a moment; nil outside the years that the store keeps.
    private static func text(_ time: ReportTime) -> String? {
        let text = UTCTime(milliseconds: time.milliseconds).description
        return UTCTime(text) == nil ? nil : text
    }

    /// A sender's word as a key; nil when it is none.
    private static func key(_ raw: String) -> String? {
        let plain = raw.unicodeScalars.filter { (0x20...0x7E).contains($0.value) }.prefix(64)
        let text = String(String.UnicodeScalarView(plain))
        return text.utf8.allSatisfy { $0 == 0x20 } ? nil : text
    }
}

/// A report's cleaned text with its headings, taken apart again.
enum ReportParts {
    /// The sections of a text as ``NormalizedReport/fullText`` writes it.
    static func sections(of text: String) -> [ReportSection] {
        var parts: [(kind: ReportSection.Kind, lines: [[UInt8]])] = []
        var previousIsBlank = true
        for line in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init) {
            let heading = previousIsBlank ? kinds[line] : nil
            previousIsBlank = line.isEmpty
            if let heading, !parts.contains(where: { $0.kind == heading }) {
                parts.append((heading, []))
            } else if parts.isEmpty {
                parts.append((.other, [line]))
            } else {
                parts[parts.count - 1].lines.append(line)
            }
        }
        return parts.compactMap { part -> ReportSection? in
            var lines = part.lines
            while lines.last?.isEmpty == true { lines.removeLast() }
            guard !lines.isEmpty else { return nil }
            return ReportSection(
                kind: part.kind, text: String(decoding: Array(lines.joined(separator: [0x0A])), as: UTF8.self))
        }
    }

    private static let kinds = Dictionary(
        uniqueKeysWithValues: ReportSection.Kind.allCases.filter { $0 != .other }.map {
            (Array(($0.rawValue.uppercased() + ":").utf8), $0)
        })
}
