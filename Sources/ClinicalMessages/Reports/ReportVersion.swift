/// One version of a report, as one message or one FHIR version stated it.
///
/// Identifiers are keys; the only protected text in it is the report's own, in ``sourceText`` and ``report``.
public struct ReportVersion: Sendable, Equatable {
    /// The door it came in by.
    public enum Source: String, Sendable {
        /// An HL7 v2 message.
        case hl7v2
        /// A FHIR resource.
        case fhir
    }

    /// Somebody who had a part in the report.
    public struct Interpreter: Sendable, Equatable {
        /// The part.
        public enum Role: String, Sendable {
            /// OBR-32, or FHIR's resultsInterpreter: who answers for the report.
            case principal
            /// OBR-33: a resident or fellow.
            case assistant
            /// OBR-35.
            case transcriptionist
        }
        /// The part.
        public let role: Role
        /// The key of the person.
        public let key: String
    }

    /// What was done to whom, as far as it is no identifier.
    public struct Procedure: Sendable, Equatable {
        /// The code, such as `71020`.
        public var code = ""
        /// The code system, such as `CPT`.
        public var system = ""
        /// The name.
        public var text = ""
    }

    /// The door it came in by.
    public var source: Source
    /// The feed's name.
    public var feed: String
    /// HL7's version or FHIR's `meta.versionId`.
    public var formatVersion = ""
    /// The keys of its accession numbers; more than one when a report answers several orders, none when none was found.
    public var examKeys: [String] = []
    /// FHIR: the key of the resource, which stays the same over its versions.
    public var reportKey: String?
    /// The key of the patient.
    public var patientKey: String?
    /// The key of sender and message control id, or of a FHIR version: the same message sent again has the same.
    public var messageKey: String
    /// The digest of the message or resource as it was read.
    public var sourceDigest: String
    /// Its status.
    public var status: StatusReading
    /// When the status was reached: OBR-22, or FHIR's `issued`.
    public var changedAt: ReportTime?
    /// When the exam was made: OBR-7, or FHIR's `effective[x]`.
    public var observedAt: ReportTime?
    /// When it was sent: MSH-7, or FHIR's `meta.lastUpdated`.
    public var sentAt: ReportTime?
    /// The procedure.
    public var procedure = Procedure()
    /// The DICOM modality, such as `CT`; nil when the message names none that is known.
    public var modality: String?
    /// Who had a part in it.
    public var interpreters: [Interpreter] = []
    /// How many orders (OBR) it answers.
    public var orderCount = 1
    /// The text as it was sent, decoded and nothing else; empty when the status came without text.
    public var sourceText = ""
    /// The text cleaned and divided.
    public var report = NormalizedReport()
    /// Whether it says, without any text, that the draft became final as it stood (OBX-11 `U`).
    public var acceptsDraft = false
    /// Whether it is an addendum alone: its text adds to a report that is elsewhere.
    public var isAddendum = false
    /// FHIR: whether it sums up other reports.
    public var isSummary = false
    /// Values that are no text, by type (`ED`, `RP`, `NM`, `application/pdf`), and how many of each were left out.
    public var skippedValues: [String: Int] = [:]
    /// Escape sequences that were not known and stand in the text as written.
    public var unknownEscapes = 0
    /// Places in the text where one of the message's own identifiers stood and was replaced.
    public var identifiersRemoved = 0

    /// Whether it carries a status and no text: of a final, that the draft was accepted as it stood.
    public var isTextless: Bool { sourceText.utf8.allSatisfy(ByteText.isSpace) }

    /// Who most likely wrote this version: of an unverified one the assistant, else the principal interpreter.
    public var authorKey: String? {
        func key(_ role: Interpreter.Role) -> String? { interpreters.first { $0.role == role }?.key }
        return status.normalized?.isUnverified == true
            ? key(.assistant) ?? key(.principal) : key(.principal) ?? key(.assistant)
    }
}

/// DICOM's modalities (PS3.3 C.7.3.1.1.1) as far as reports name them, and what HL7's table 0074 calls them.
enum Modality {
    private static let known: Set<String> = [
        "CT", "MR", "US", "DX", "CR", "MG", "NM", "PT", "XA", "RF", "BMD", "IVUS", "OT",
    ]
    private static let fromTable0074 = [
        "NMR": "MR", "NMS": "NM", "RUS": "US", "CUS": "US", "VUS": "US", "OUS": "US", "XRC": "RF", "RX": "DX",
        "MRI": "MR", "PET": "PT",
    ]

    static func normalized(_ raw: String) -> String? {
        let upper = ByteText.string(raw.utf8.map { ByteText.isLower($0) ? $0 & 0xDF : $0 })
        return known.contains(upper) ? upper : fromTable0074[upper]
    }
}
