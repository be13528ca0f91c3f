/// The four kinds of character that the pre-tokenizers tell apart: `\p{L}`, `\p{N}`, `\s` and the rest.
enum ScalarClass: UInt8 {
    case letter, number, whitespace, other

    /// The class of a scalar, by its general category; white space is Unicode's `White_Space` property, as in the
    /// peers' regular-expression engines.
    init(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000:
            self = .whitespace
        default:
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: self = .letter
            case .decimalNumber, .letterNumber, .otherNumber: self = .number
            default: self = .other
            }
        }
    }

    private static let ascii: [ScalarClass] = (0..<128).map { ScalarClass(Unicode.Scalar(UInt8($0))) }

    /// The class and the length in bytes of the character that begins at `index`.
    ///
    /// A byte that begins no well-formed UTF-8 sequence within `..<end` is a character of its own, of class `other`,
    /// as the replacement character would be.
    static func at(_ index: Int, in bytes: [UInt8], end: Int) -> (class: ScalarClass, length: Int) {
        let first = bytes[index]
        if first < 0x80 { return (ascii[Int(first)], 1) }
        let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard (0xC2...0xF4).contains(first), index + length <= end else { return (.other, 1) }
        var value = UInt32(first) & (0xFF >> UInt32(length + 1))
        for offset in 1..<length {
            guard bytes[index + offset] & 0xC0 == 0x80 else { return (.other, 1) }
            value = value << 6 | UInt32(bytes[index + offset] & 0x3F)
        }
        let smallest: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
        guard value >= smallest, let scalar = Unicode.Scalar(value) else { return (.other, 1) }
        return (ScalarClass(scalar), length)
    }
}
