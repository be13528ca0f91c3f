internal import Diagnostics

/// A character set of HL7 v2 messages (MSH-18, table 0211) that is read and written here.
///
/// All of them agree with ASCII below 0x80, so that messages can be split before they are decoded.
public enum HL7Charset: String, Sendable, CaseIterable {
    /// US-ASCII.
    case ascii = "ASCII"
    /// UTF-8.
    case utf8 = "UNICODE UTF-8"
    /// ISO 8859-1, western European.
    case latin1 = "8859/1"
    /// ISO 8859-15, 8859-1 with the euro sign.
    case latin9 = "8859/15"
    /// Windows code page 1252; not in table 0211, for `--charset` only.
    case windows1252 = "WINDOWS-1252"

    /// The set that a name in MSH-18 or on the command line means; punctuation, spaces and case do not matter.
    public init?(named name: String) {
        let key = ByteText.string(ByteText.lowered(name.utf8.filter(ByteText.isWord)))
        switch key {
        case "ascii", "usascii", "isoir6": self = .ascii
        case "unicodeutf8", "utf8", "unicode": self = .utf8
        case "88591", "iso88591", "isoir100", "latin1": self = .latin1
        case "885915", "iso885915", "isoir203", "latin9": self = .latin9
        case "windows1252", "cp1252": self = .windows1252
        default: return nil
        }
    }

    /// Windows-1252's characters from 0x80 to 0x9F; zero where it has none.
    private static let windowsUpper: [UInt32] = [
        0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
        0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E,
        0x0178,
    ]
    /// Where 8859-15 differs from 8859-1.
    private static let latin9Changes: [UInt8: UInt32] = [
        0xA4: 0x20AC, 0xA6: 0x0160, 0xA8: 0x0161, 0xB4: 0x017D, 0xB8: 0x017E, 0xBC: 0x0152, 0xBD: 0x0153, 0xBE: 0x0178,
    ]

    private func scalar(_ byte: UInt8) -> Unicode.Scalar? {
        switch self {
        case .ascii, .utf8: return byte < 0x80 ? Unicode.Scalar(byte) : nil
        case .latin1: return Unicode.Scalar(byte)
        case .latin9: return Self.latin9Changes[byte].flatMap(Unicode.Scalar.init) ?? Unicode.Scalar(byte)
        case .windows1252:
            guard (0x80...0x9F).contains(byte) else { return Unicode.Scalar(byte) }
            let value = Self.windowsUpper[Int(byte) - 0x80]
            return value == 0 ? nil : Unicode.Scalar(value)
        }
    }

    /// The text of bytes in this set, or nil when some byte is not of it.
    public func decode(_ bytes: [UInt8]) -> String? {
        if self == .utf8 { return String(validating: bytes, as: UTF8.self) }
        var text = String.UnicodeScalarView()
        for byte in bytes {
            guard let scalar = scalar(byte) else { return nil }
            text.append(scalar)
        }
        return String(text)
    }

    /// The bytes of a text in this set, or nil when it has a character that the set lacks.
    public func encode(_ text: String) -> [UInt8]? {
        if self == .utf8 { return Array(text.utf8) }
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            if scalar.value < 0x80 {
                bytes.append(UInt8(scalar.value))
            } else if let byte = (0x80...0xFF as ClosedRange<UInt8>).first(where: { self.scalar($0) == scalar }) {
                bytes.append(byte)
            } else {
                return nil
            }
        }
        return bytes
    }

    /// The offset of the first byte that is not of this set, or nil when all are.
    public func firstWrongByte(in bytes: [UInt8]) -> Int? {
        guard self == .utf8 else { return bytes.firstIndex { scalar($0) == nil } }
        guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
        var low = 0
        var high = bytes.count
        while low + 1 < high {
            let middle = (low + high) / 2
            if Self.isPrefixOfUTF8(bytes[..<middle]) { low = middle } else { high = middle }
        }
        return low
    }

    /// Whether bytes are UTF-8 but for a character that is cut off at their end.
    private static func isPrefixOfUTF8(_ bytes: ArraySlice<UInt8>) -> Bool {
        if String(validating: bytes, as: UTF8.self) != nil { return true }
        let endings: [[UInt8]] = [[0x80], [0x80, 0x80], [0x80, 0x80, 0x80], [0xA0, 0x80], [0x90, 0x80, 0x80]]
        return bytes.last.map { $0 >= 0x80 } == true
            && endings.contains { String(validating: Array(bytes) + $0, as: UTF8.self) != nil }
    }

    /// The refusal for bytes that are not of the declared set.
    static func wrongByte(_ charset: HL7Charset, at offset: Int, named name: String, declared: Bool) -> Refusal {
        Refusal(
            code: "hl7.charset", at: "\(name):byte \(offset)",
            "a byte that is not \(charset.rawValue), which \(declared ? "MSH-18 declares" : "was asked for")",
            mend: "name the real character set with --charset, one of "
                + allCases.map(\.rawValue).joined(separator: ", "))
    }
}
