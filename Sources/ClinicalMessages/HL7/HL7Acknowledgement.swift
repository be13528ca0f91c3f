public import Diagnostics

/// An answer to a message: MSH and MSA, and ERR when there is something to say.
///
/// HL7 v2.8.2 chapter 2, section 2.9.2 (original mode). The error text is a refusal's own, which quotes nothing of the
/// message; of the message itself only its control id and its addresses go back.
public struct HL7Acknowledgement: Sendable, Equatable {
    /// The answer's code (table 0008).
    public enum Code: String, Sendable, CaseIterable {
        /// Taken and durably stored.
        case accepted = "AA"
        /// Understood but not taken, because something of it is wrong.
        case error = "AE"
        /// Not taken: of another type or version, or not readable; sending it again unchanged will not help.
        case rejected = "AR"
    }

    /// The code.
    public let code: Code
    /// The answer's bytes, each segment ended by a carriage return, without a transport frame.
    public let bytes: [UInt8]

    /// Answers a message that could be read.
    ///
    /// - Parameters:
    ///   - message: the message that is answered; its separators and character set are used.
    ///   - code: accepted, error or rejected.
    ///   - refusal: why it was not taken.
    ///   - controlID: the answer's own MSH-10.
    ///   - time: the moment of answering.
    public init(
        to message: HL7Message, _ code: Code, refusal: Refusal? = nil, controlID: String, time: ReportTime
    ) {
        let header = message.header
        self.init(
            code, refusal, place: refusal.flatMap { HL7Place($0, in: message) }, separators: message.separators,
            charset: message.charset,
            addresses: [header.field(5), header.field(6), header.field(3), header.field(4)], event: message.event,
            answered: header.field(10), processing: header.field(11), version: header.field(12),
            declaredCharset: header.field(18), controlID: controlID, time: time)
    }

    /// Answers bytes that could not be read as a message: rejected, with the usual separators and no control id.
    public init(toUnreadable refusal: Refusal, controlID: String, time: ReportTime) {
        self.init(
            .rejected, refusal, place: nil, separators: .usual, charset: .ascii, addresses: [[], [], [], []], event: "",
            answered: [], processing: Array("P".utf8), version: Array("2.5.1".utf8), declaredCharset: [],
            controlID: controlID, time: time)
    }

    private init(
        _ code: Code, _ refusal: Refusal?, place: HL7Place?, separators: HL7Separators, charset: HL7Charset,
        addresses: [[UInt8]],
        event: String, answered: [UInt8], processing: [UInt8], version: [UInt8], declaredCharset: [UInt8],
        controlID: String, time: ReportTime
    ) {
        let escapes = HL7Escapes(separators: separators, charset: charset)
        func written(_ text: String) -> [UInt8] {
            (try? escapes.encode(Self.plain(text), at: "acknowledgement")) ?? Array("see the log".utf8)
        }
        let type = event.isEmpty ? [Array("ACK".utf8)] : ["ACK", event, "ACK"].map { Array($0.utf8) }
        let typeField = Array(type.joined(separator: [separators.component]))
        let header: [[UInt8]] =
            [separators.encodingCharacters] + addresses
            + [Array(time.hl7.utf8), [], typeField, written(controlID), processing, version]
            + (declaredCharset.isEmpty ? [] : [[], [], [], [], [], declaredCharset])
        let hasLongErrors = Self.isAtLeast25(version)
        let words = place.map { "at \($0.words): " } ?? ""
        let text = refusal.map { written("\($0.code): \(words)\($0.problem)") } ?? []
        var acknowledgement: [[UInt8]] = [Array(code.rawValue.utf8), answered]
        if refusal != nil, !hasLongErrors { acknowledgement.append(text) }
        var segments: [(String, [[UInt8]])] = [("MSH", header), ("MSA", acknowledgement)]
        if let refusal, hasLongErrors {
            let condition = Self.condition(refusal)
            let location = place.map { Array($0.parts.joined(separator: [separators.component])) } ?? []
            let coded = [condition.number, condition.text, "HL70357"].map { Array($0.utf8) }
            segments.append(
                (
                    "ERR",
                    [
                        [], location, Array(coded.joined(separator: [separators.component])), Array("E".utf8), [], [],
                        [], text,
                    ]
                ))
        }
        self.code = code
        bytes = segments.flatMap { name, fields in
            Array(name.utf8) + fields.flatMap { [separators.field] + $0 } + [0x0D]
        }
    }

    /// Error text as one line of printable ASCII.
    private static func plain(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { (0x20...0x7E).contains($0.value) }.prefix(240)))
    }

    private static func isAtLeast25(_ version: [UInt8]) -> Bool {
        let parts = ByteText.split(version.prefix { $0 != 0x5E }, at: 0x2E).map { Int(ByteText.string($0)) ?? 0 }
        return parts.count >= 2 && (parts[0], parts[1]) >= (2, 5)
    }

    /// The error condition of table 0357 that a refusal stands for.
    private static func condition(_ refusal: Refusal) -> (number: String, text: String) {
        switch refusal.code {
        case "hl7.type": ("200", "Unsupported message type")
        case "hl7.segment", "oru.obx-without-obr": ("100", "Segment sequence error")
        case "oru.no-observation", "oru.value-type-missing": ("101", "Required field missing")
        case "hl7.charset": ("102", "Data type error")
        case "oru.value-type": ("103", "Table value not found")
        default: ("207", "Application internal error")
        }
    }
}
