public import Diagnostics

/// The characters that divide one message, read from its own MSH-1 and MSH-2.
///
/// HL7 v2.8.2 chapter 2, section 2.5.4: MSH-1 is the field separator, MSH-2 the component, repetition, escape and
/// subcomponent separators and, from v2.7, the truncation character. MSH-2 may be as short as two characters.
public struct HL7Separators: Sendable, Equatable {
    /// MSH-1, usually `|`.
    public let field: UInt8
    /// The first character of MSH-2, usually `^`.
    public let component: UInt8
    /// The second character, usually `~`.
    public let repetition: UInt8
    /// The third character, usually a backslash, if declared.
    public let escape: UInt8?
    /// The fourth character, usually `&`, if declared.
    public let subcomponent: UInt8?
    /// The fifth character, from v2.7, usually `#`, if declared.
    public let truncation: UInt8?

    /// The separators that most systems use, `|^~\&`.
    public static let usual = HL7Separators(field: 0x7C, encoding: [0x5E, 0x7E, 0x5C, 0x26])

    /// Takes a field separator and two to five encoding characters that were checked.
    private init(field: UInt8, encoding: [UInt8]) {
        func character(_ index: Int) -> UInt8? { index < encoding.count ? encoding[index] : nil }
        self.field = field
        component = encoding[0]
        repetition = encoding[1]
        escape = character(2)
        subcomponent = character(3)
        truncation = character(4)
    }

    /// Makes separators from the field separator and MSH-2.
    ///
    /// - Throws: `hl7.separators` unless they are three to six different ASCII punctuation characters.
    public init(field: UInt8, encodingCharacters: [UInt8], at location: String) throws(Refusal) {
        let all = [field] + encodingCharacters
        let shown = all.prefix(6).map(Self.shown).joined(separator: " ")
        func refusal(_ problem: String) -> Refusal {
            Refusal(
                code: "hl7.separators", at: location, "\(problem): \(shown)",
                mend: "declare different punctuation characters in MSH-1 and MSH-2, such as |^~\\&")
        }
        guard all.allSatisfy(ByteText.isPunctuation) else {
            throw refusal("a separator that is no punctuation character of ASCII")
        }
        guard (2...5).contains(encodingCharacters.count) else {
            throw refusal("MSH-2 has \(encodingCharacters.count) characters; two to five are allowed")
        }
        guard Set(all).count == all.count else { throw refusal("one separator is declared twice") }
        self.init(field: field, encoding: encodingCharacters)
    }

    /// Reads the separators of a header segment (MSH, FHS or BHS).
    ///
    /// - Parameters:
    ///   - header: the segment's bytes, from its name.
    ///   - location: where its first byte is, for messages.
    /// - Throws: `hl7.header-short` below eight bytes, `hl7.separators` for characters that cannot separate.
    public init(header: ArraySlice<UInt8>, at location: String) throws(Refusal) {
        guard header.count >= 8 else {
            throw Refusal(
                code: "hl7.header-short", at: location,
                "a header of \(header.count) bytes; MSH with its separators takes at least 8",
                mend: "export the message again")
        }
        let field = header[header.startIndex + 3]
        let after = header[(header.startIndex + 4)...]
        let encoding = after.prefix { $0 != field }
        try self.init(field: field, encodingCharacters: Array(encoding.prefix(6)), at: location)
    }

    /// MSH-2 as declared.
    public var encodingCharacters: [UInt8] {
        [component, repetition] + [escape, subcomponent, truncation].compactMap { $0 }
    }

    /// Punctuation as it is; anything else by its class, because it may be a letter of somebody's name.
    private static func shown(_ byte: UInt8) -> String {
        if ByteText.isPunctuation(byte) { return ByteText.string([byte]) }
        if ByteText.isDigit(byte) { return "(digit)" }
        if ByteText.isUpper(byte) || ByteText.isLower(byte) { return "(letter)" }
        return byte < 0x80 ? "(space or control)" : "(not ASCII)"
    }
}
