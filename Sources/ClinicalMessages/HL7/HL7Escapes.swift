internal import Diagnostics

/// A field's text after its escape sequences were resolved, once.
public struct HL7Text: Sendable, Equatable {
    /// The text; `\.br\` and its kin have become line feeds.
    public var text: String
    /// Sequences that are not known here, or not closed, and stand in the text as they were written.
    public var unknownEscapes: Int
}

/// Resolves and writes the escape sequences of HL7 v2.8.2 chapter 2, section 2.7.
///
/// Delimiters `\F\ \S\ \T\ \R\ \E\ \P\`; `\Xhh…\` as bytes of the message's character set; formatting `\.br\`,
/// `\.sp n\`, `\.ce\` as line feeds, `\.sk n\` as spaces, `\.in n\` and `\.ti n\` as nothing at the start of a line and
/// a space elsewhere, `\.fi\`, `\.nf\`, `\H\`, `\N\` as nothing. All else is kept as written and counted.
struct HL7Escapes {
    let separators: HL7Separators
    let charset: HL7Charset

    /// Resolves the sequences of one field, component or subcomponent that was already split off.
    ///
    /// - Parameters:
    ///   - raw: bytes of the message's character set.
    ///   - lineFeed: a byte that stands for a line feed where it is written unescaped, such as `~` in report text.
    func decode(_ raw: [UInt8], lineFeed: UInt8? = nil) -> HL7Text {
        var output: [UInt8] = []
        var hex: [UInt8] = []
        var hexSource: [UInt8] = []
        var unknown = 0
        func flushHex() {
            guard !hexSource.isEmpty else { return }
            if charset.decode(hex) != nil {
                output += hex
            } else {
                output += hexSource
                unknown += 1
            }
            hex = []
            hexSource = []
        }
        var index = 0
        while index < raw.count {
            let byte = raw[index]
            guard byte == separators.escape else {
                flushHex()
                output.append(byte == lineFeed ? 0x0A : byte)
                index += 1
                continue
            }
            guard let end = raw[(index + 1)...].firstIndex(of: byte) else {
                flushHex()
                unknown += 1
                output.append(byte)
                index += 1
                continue
            }
            let body = raw[(index + 1)..<end]
            if let bytes = Self.hexBytes(body) {
                hex += bytes
                hexSource += raw[index...end]
                index = end + 1
                continue
            }
            flushHex()
            if let replacement = replacement(body, at: output) {
                output += replacement
                index = end + 1
            } else {
                unknown += 1
                let isSequence = Self.looksLikeSequence(body)
                output += isSequence ? raw[index...end] : raw[index...index]
                index = isSequence ? end + 1 : index + 1
            }
        }
        flushHex()
        // Both parts are whole characters of the set: the message's own bytes were checked, runs of `\X..\` just now.
        return HL7Text(text: charset.decode(output) ?? ByteText.string(output), unknownEscapes: unknown)
    }

    private func replacement(_ body: ArraySlice<UInt8>, at output: [UInt8]) -> [UInt8]? {
        if body.count == 1, let letter = body.first {
            switch letter {
            case 0x46: return [separators.field]
            case 0x53: return [separators.component]
            case 0x54: return separators.subcomponent.map { [$0] }
            case 0x52: return [separators.repetition]
            case 0x45: return separators.escape.map { [$0] }
            case 0x50: return separators.truncation.map { [$0] }
            case 0x48, 0x4E: return []
            default: return nil
            }
        }
        guard body.first == 0x2E, body.count >= 3 else { return nil }
        let name = ByteText.string(ByteText.lowered(body.dropFirst().prefix(2)))
        let argument = ByteText.trimmed(body.dropFirst(3))
        var digits = argument
        if let sign = digits.first, sign == 0x2B || sign == 0x2D { digits.removeFirst() }
        guard digits.allSatisfy(ByteText.isDigit), digits.count <= 3, argument.isEmpty == digits.isEmpty else {
            return nil
        }
        let count = min(Int(ByteText.string(digits)) ?? 1, 20)
        switch name {
        case "br", "ce": return argument.isEmpty ? [0x0A] : nil
        case "sp": return Array(repeating: 0x0A, count: max(count, 1))
        case "sk": return Array(repeating: 0x20, count: max(count, 1))
        case "in", "ti": return output.last == nil || output.last == 0x0A ? [] : [0x20]
        case "fi", "nf": return argument.isEmpty ? [] : nil
        default: return nil
        }
    }

    private static func hexBytes(_ body: ArraySlice<UInt8>) -> [UInt8]? {
        guard body.first == 0x58, body.count >= 3, body.count % 2 == 1 else { return nil }
        var bytes: [UInt8] = []
        var digits = body.dropFirst()
        while !digits.isEmpty {
            guard let byte = UInt8(ByteText.string(digits.prefix(2)), radix: 16), digits.first != 0x2B else {
                return nil
            }
            bytes.append(byte)
            digits = digits.dropFirst(2)
        }
        return bytes
    }

    /// Whether a body reads like a sequence that somebody meant, rather than text between two stray escape characters.
    private static func looksLikeSequence(_ body: ArraySlice<UInt8>) -> Bool {
        guard let first = body.first, ByteText.isUpper(first) || first == 0x2E, body.count <= 40 else { return false }
        return body.allSatisfy { ($0 < 0x80 && ByteText.isWord($0)) || $0 == 0x2E || $0 == 0x2B || $0 == 0x2D }
    }

    /// Writes a text so that ``decode(_:lineFeed:)`` gives it back, whatever characters it holds.
    ///
    /// Separators become `\F\` and its kin, line feeds `\.br\`, carriage returns and other control characters `\Xhh\`.
    ///
    /// - Throws: `hl7.encode` when the character set lacks a character, or a separator is to be escaped and no escape
    ///   character is declared.
    func encode(_ text: String, at location: String) throws(Refusal) -> [UInt8] {
        guard let bytes = charset.encode(text) else {
            throw Refusal(
                code: "hl7.encode", at: location, "a character that \(charset.rawValue) lacks",
                mend: "write the message in UNICODE UTF-8")
        }
        var output: [UInt8] = []
        for byte in bytes {
            guard let sequence = sequence(for: byte) else {
                output.append(byte)
                continue
            }
            guard let escape = separators.escape else {
                throw Refusal(
                    code: "hl7.encode", at: location,
                    "a character to be escaped, and MSH-2 declares no escape character",
                    mend: "declare one in MSH-2")
            }
            output += [escape] + sequence + [escape]
        }
        return output
    }

    private func sequence(for byte: UInt8) -> [UInt8]? {
        switch byte {
        case separators.field: return [0x46]
        case separators.component: return [0x53]
        case separators.repetition: return [0x52]
        case separators.escape: return [0x45]
        case separators.subcomponent: return [0x54]
        case separators.truncation: return [0x50]
        case 0x0A: return Array(".br".utf8)
        case 0..<0x20, 0x7F:
            let digits = String(byte, radix: 16, uppercase: true)
            return Array("X".utf8) + Array((digits.utf8.count == 1 ? "0" : "").utf8) + Array(digits.utf8)
        default: return nil
        }
    }
}
