/// A part of a report under one heading.
public struct ReportSection: Sendable, Equatable {
    /// What a part is about.
    public enum Kind: String, Sendable, CaseIterable {
        /// What was done: "EXAMINATION".
        case examination
        /// Why: "INDICATION", "HISTORY".
        case indication
        /// With what it was compared.
        case comparison
        /// How: "TECHNIQUE".
        case technique
        /// What was seen.
        case findings
        /// What it means: "IMPRESSION", "CONCLUSION".
        case impression
        /// What was added later.
        case addendum
        /// Text before any heading.
        case other
    }

    /// What it is about.
    public let kind: Kind
    /// Its text without the heading, lines ended by line feeds, blank lines between paragraphs.
    public var text: String

    /// Makes a section.
    public init(kind: Kind, text: String) {
        self.kind = kind
        self.text = text
    }

    /// Headings in lower case and what they begin; English, as the sample feeds write them.
    static let headings: [String: Kind] = [
        "exam": .examination, "examination": .examination, "procedure": .examination, "study": .examination,
        "exam type": .examination,
        "indication": .indication, "indications": .indication, "history": .indication, "clinical history": .indication,
        "clinical information": .indication, "clinical indication": .indication, "reason for exam": .indication,
        "reason for study": .indication, "reason for examination": .indication, "clinical question": .indication,
        "clinical data": .indication,
        "comparison": .comparison, "comparisons": .comparison, "comparison studies": .comparison,
        "technique": .technique, "protocol": .technique,
        "findings": .findings, "finding": .findings, "observations": .findings,
        "impression": .impression, "impressions": .impression, "conclusion": .impression, "conclusions": .impression,
        "opinion": .impression, "interpretation": .impression,
        "addendum": .addendum, "addenda": .addendum,
    ]
}

/// Text of one section, or of none that is named, as a reader hands it to the normaliser.
public struct TextBlock: Sendable, Equatable {
    /// The section that the message itself names; nil leaves it to the headings.
    public let section: ReportSection.Kind?
    /// The text.
    public var text: String

    /// Makes a block.
    public init(section: ReportSection.Kind?, text: String) {
        self.section = section
        self.text = text
    }
}

/// A report's text cleaned and divided into sections, with what was taken out.
public struct NormalizedReport: Sendable, Equatable {
    /// The version of the rules that made it; texts of different versions are not compared.
    public var normalizerVersion = ReportNormalizer.version
    /// The sections, in the order of their first line; each kind once.
    public var sections: [ReportSection] = []
    /// What the status banners in the text said.
    public var banners: [ReportStatus] = []
    /// Lines with signatures, accession lists and the like that were taken out.
    public var boilerplateLines = 0
    /// Attestation sentences that were taken out.
    public var attestations = 0
    /// Control characters that were taken out.
    public var controlCharacters = 0

    /// The text of a section; nil when the report has none of that kind.
    public func text(of kind: ReportSection.Kind) -> String? { sections.first { $0.kind == kind }?.text }

    /// The sections under their names, for reading.
    public var fullText: String {
        sections.map { $0.kind == .other ? $0.text : "\(Self.heading($0.kind)):\n\($0.text)" }
            .joined(separator: "\n\n")
    }

    private static func heading(_ kind: ReportSection.Kind) -> String {
        ByteText.string(kind.rawValue.utf8.map { ByteText.isLower($0) ? $0 & 0xDF : $0 })
    }
}
