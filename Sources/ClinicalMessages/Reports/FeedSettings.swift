/// Where a feed's messages carry the accession number.
public enum AccessionField: String, Sendable, CaseIterable {
    /// OBR-18, placer field 1, as in IHE's imaging profiles and dcm4che.
    case obr18 = "OBR-18"
    /// OBR-3, the filler order number.
    case obr3 = "OBR-3"
    /// ORC-3, the filler order number of the common order segment.
    case orc3 = "ORC-3"
}

/// How one sender's messages are read.
public struct FeedSettings: Sendable {
    /// The feed's name, also the authority of identifiers that state none.
    public var name: String
    /// Where the accession number is; ``AccessionSelfTest`` says whether this is right.
    public var accessionField = AccessionField.obr18
    /// The authority of accession numbers, so that a draft and its final agree even when only one states it; nil takes
    /// the feed's name.
    public var accessionAuthority: String?
    /// The assigning authority (PID-3.4) of the patient identifier to use; nil takes the first identifier of type MR or
    /// MRN, else the first.
    public var patientAuthority: String?
    /// The character set to read in whatever MSH-18 says; nil believes MSH-18.
    public var charset: HL7Charset?
    /// Minutes east of UTC of times without a zone.
    public var zoneOffsetMinutes = 0
    /// Whether the repetition separator inside report text stands for a line end, as radiology systems use it; false
    /// leaves it in the text as it is.
    public var repetitionIsLineEnd = true
    /// This site's own words for a status, before the built-in ones; case and white space do not matter.
    public var statusWords: [String: ReportStatus] = [:]
    /// This site's own suffixes of OBX-3, before `GDT`, `IMP`, `ADT`, `ADN` and `TCM`.
    public var sectionSuffixes: [String: ReportSection.Kind] = [:]
    /// FHIR: the `system` of the accession identifier; nil takes the one of type ACSN.
    public var accessionSystem: String?
    /// FHIR: the release to hold every report to; nil takes R4 and R5.
    public var fhirRelease: FHIRRelease?
    /// How the text is cleaned.
    public var text = TextSettings()

    /// Makes settings with the defaults that suit most feeds.
    public init(name: String) {
        self.name = name
    }
}

/// A FHIR release whose DiagnosticReport is read here.
public enum FHIRRelease: String, Sendable, CaseIterable {
    /// Release 4 (4.0.1) and 4B.
    case r4 = "R4"
    /// Release 5 (5.0.0).
    case r5 = "R5"
}
