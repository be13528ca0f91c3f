/// The one ladder onto which every sender's words for a report's state are put.
///
/// The mapping is that of HL7's v2-to-FHIR concept maps for tables 0123 and 0085 and of FHIR's
/// DiagnosticReport.status, with the exceptions that radiology feeds need; `docs/clinical-messages.md` has the table.
public enum ReportStatus: String, Sendable, CaseIterable {
    /// No report: ordered, scheduled, cancelled.
    case unreported = "none"
    /// Dictated and not looked at again.
    case draft
    /// Released before it was verified.
    case preliminary
    /// Verified.
    case final
    /// Changed after it was final.
    case corrected
    /// Added to after it was final, the old text unchanged.
    case appended
    /// Taken back: wrong patient, or entered in error.
    case withdrawn

    /// Whether the report was not yet verified.
    public var isUnverified: Bool { self == .draft || self == .preliminary }

    /// The place on the ladder, for ordering versions of the same moment.
    public var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// The status that OBR-25 (table 0123) means, or a word that senders put there; nil when it is not known.
    ///
    /// `W` and `D` are not of that table, but converters put them there.
    public init?(resultStatus raw: String, words: [String: ReportStatus] = [:]) {
        let key = Self.key(raw)
        if let known = words.first(where: { Self.key($0.key) == key })?.value {
            self = known
            return
        }
        switch key {
        case "o", "i", "s", "x", "y", "z", "n": self = .unreported
        case "r", "a": self = .draft
        case "p", "m": self = .preliminary
        case "f": self = .final
        case "c": self = .corrected
        case "w", "d": self = .withdrawn
        default:
            guard let word = Self.words[key] else { return nil }
            self = word
        }
    }

    /// The status that OBX-11 (table 0085) means, or a word that senders put there; nil when it is not known.
    public init?(observationStatus raw: String, words: [String: ReportStatus] = [:]) {
        let key = Self.key(raw)
        if let known = words.first(where: { Self.key($0.key) == key })?.value {
            self = known
            return
        }
        switch key {
        case "o", "x", "n", "i": self = .unreported
        case "r", "s": self = .draft
        case "p": self = .preliminary
        case "f", "v", "u": self = .final
        case "c", "a": self = .corrected
        case "b": self = .appended
        case "d", "w": self = .withdrawn
        default:
            guard let word = Self.words[key] else { return nil }
            self = word
        }
    }

    /// The status that FHIR's DiagnosticReport.status (R4 and R5) means; nil for `unknown` and anything else.
    public init?(fhir code: String) {
        switch code {
        case "registered", "cancelled": self = .unreported
        case "partial": self = .draft
        case "preliminary", "modified": self = .preliminary
        case "final": self = .final
        case "amended", "corrected": self = .corrected
        case "appended": self = .appended
        case "entered-in-error": self = .withdrawn
        default: return nil
        }
    }

    /// The status that a banner in a report's text names, by its first known word; nil when it names none.
    init?(banner words: [[UInt8]]) {
        for word in words {
            if let known = Self.words[ByteText.string(word)] {
                self = known
                return
            }
        }
        if words.starts(with: [Array("wet".utf8), Array("read".utf8)]) {
            self = .draft
            return
        }
        return nil
    }

    /// Words that senders use where one letter is due.
    private static let words: [String: ReportStatus] = [
        "draft": .draft, "wet read": .draft, "wetread": .draft, "dictated": .draft,
        "prelim": .preliminary, "preliminary": .preliminary, "unverified": .preliminary,
        "final": .final, "finalized": .final, "finalised": .final, "verified": .final, "signed": .final,
        "corrected": .corrected, "amended": .corrected, "revised": .corrected,
        "addendum": .appended, "appended": .appended, "addended": .appended,
        "withdrawn": .withdrawn, "retracted": .withdrawn,
        "cancelled": .unreported, "canceled": .unreported, "scheduled": .unreported,
    ]

    private static func key(_ raw: String) -> String {
        ByteText.string(Array(ByteText.words(ByteText.lowered(raw.utf8)).joined(separator: [0x20])))
    }
}

/// A version's status as it was found: the word, the place, what it means, and whether other places disagree.
public struct StatusReading: Sendable, Equatable {
    /// Where the status was read.
    public enum Field: String, Sendable {
        /// OBR-25, the result status.
        case obr25 = "OBR-25"
        /// OBX-11, the observation's result status.
        case obx11 = "OBX-11"
        /// DiagnosticReport.status, or the deletion in a history.
        case fhir = "DiagnosticReport.status"
        /// Nowhere: no status was given.
        case absent
    }

    /// Two places that say different things.
    public enum Conflict: String, Sendable, Equatable {
        /// OBR-25 and the text lines' OBX-11.
        case resultAndObservation = "OBR-25 and OBX-11"
        /// The text lines' OBX-11 among themselves.
        case amongObservations = "OBX-11 among the lines"
        /// The coded status and a banner in the text.
        case banner = "status and banner"
    }

    /// The status as written; empty when none was.
    public var raw: String
    /// Where it was written.
    public var field: Field
    /// Its place on the ladder; nil when the word is not known, which keeps the exam from becoming a pair.
    public var normalized: ReportStatus?
    /// Which places disagree, if any.
    public var conflict: Conflict?

    /// Makes a reading.
    public init(raw: String, field: Field, normalized: ReportStatus?, conflict: Conflict? = nil) {
        self.raw = raw
        self.field = field
        self.normalized = normalized
        self.conflict = conflict
    }
}
