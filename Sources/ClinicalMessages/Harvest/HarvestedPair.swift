/// A draft's impression and the final's, under the same findings: an observed preference, not a judged one.
public struct HarvestedPair: Sendable, Equatable {
    /// The key of the exam, or of the FHIR report where it has no accession number.
    public let examKey: String
    /// The key of the patient, for splitting.
    public let patientKey: String?
    /// The prompt's part on why the exam was made; empty when the report has none.
    public let indication: String
    /// The prompt's part on what it was compared with.
    public let comparison: String
    /// The prompt's part on what was seen, from the final.
    public let findings: String
    /// The draft's impression.
    public let rejected: String
    /// The final's impression.
    public let chosen: String
    /// Words changed from draft to final in the impression, templates left out; weights are the trainer's business.
    public let impressionChange: WordDifference
    /// Words changed in the whole report, templates left out.
    public let reportChange: WordDifference
    /// Whether the findings changed too, so that the draft was written for others.
    public let findingsChanged: Bool
    /// What only the chosen impression states.
    public let chosenOnly: ChosenOnlyFacts
    /// The key of who wrote the draft.
    public let rejectedAuthor: String?
    /// The key of who answers for the final.
    public let chosenAuthor: String?
    /// The messages that the draft and the final came in by.
    public let messageKeys: (rejected: String, chosen: String)
    /// The modality.
    public let modality: String?
    /// The procedure.
    public let procedure: ReportVersion.Procedure
    /// When the final was reached.
    public let finalAt: ReportTime?
    /// The version of the text rules.
    public let normalizerVersion: Int

    /// Whether two pairs are the same.
    public static func == (a: HarvestedPair, b: HarvestedPair) -> Bool {
        a.examKey == b.examKey && a.messageKeys == b.messageKeys && a.rejected == b.rejected && a.chosen == b.chosen
            && a.indication == b.indication && a.comparison == b.comparison && a.findings == b.findings
    }
}

/// Why an exam made no pair: the first gate that it did not pass, in this order.
public enum HarvestExclusion: String, Sendable, CaseIterable {
    /// A version was withdrawn; a pair made earlier is to be deleted.
    case withdrawn
    /// A version answers several accession numbers.
    case severalAccessions
    /// No accession number and no report id.
    case noAccession
    /// The versions name different patients.
    case differentPatients
    /// A version's status is not known.
    case unknownStatus
    /// A version that would be used says two things about its status.
    case statusConflict
    /// No final version yet.
    case noFinal
    /// The final carries no text and does not say that it accepts the draft.
    case finalWithoutText
    /// No draft came before the final.
    case noDraft
    /// The final is an addendum alone, or a summary of other reports.
    case addendumOnly
    /// The final holds an addendum, or the draft does: what was added is new information.
    case acrossAddendum
    /// A person must clear one of the texts of protected information first.
    case notCleared
    /// Accepted unchanged, signatures and attestations aside: part of the share of drafts accepted.
    case acceptedUnchanged
    /// Only template sentences changed.
    case onlyTemplatesChanged
    /// One person signed both.
    case sameAuthor
    /// The draft or the final has no impression.
    case noImpression
    /// Only other sections changed; the impressions are the same.
    case impressionUnchanged
    /// An impression is shorter or longer than the settings allow.
    case lengthOutOfBand
    /// More was replaced than the settings allow: dictated anew, or another exam.
    case mostlyReplaced
}

/// What a harvest allows.
public struct HarvestSettings: Sendable {
    /// Words that an impression must have at the least.
    public var minimumWords = 2
    /// Words that an impression may have at the most.
    public var maximumWords = 400
    /// The share of the whole report's words that may change, 0 to 1.
    public var maximumChange = 0.6
    /// Hours after the first final within which a correction of it takes its place; 0 leaves corrections out.
    public var correctionHours = 0.0
    /// Sentences that are nobody's opinion.
    public var templates = TemplateSentences()

    /// Makes settings with the defaults.
    public init() {}
}
