/// GPT-2's alphabet: a printable character for each of the 256 bytes, in which vocabularies spell their tokens.
///
/// The bytes 0x21–0x7E, 0xA1–0xAC and 0xAE–0xFF stand for themselves as Latin-1 characters; the other 68 take the
/// characters from U+0100 on, in rising order (Radford et al. 2019, section 2.2, and the encoder published with it).
enum ByteAlphabet {
    /// Whether a byte is spelled by the character of the same number.
    private static func standsForItself(_ byte: Int) -> Bool {
        (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte)
    }

    /// The character of each byte.
    static let scalars: [Unicode.Scalar] = {
        var next: UInt16 = 0x100
        return (0..<256).map { byte in
            guard !standsForItself(byte) else { return Unicode.Scalar(UInt8(byte)) }
            defer { next += 1 }
            return Unicode.Scalar(next) ?? Unicode.Scalar(UInt8(byte))
        }
    }()

    /// The byte of each character below U+0144, or -1.
    private static let bytes: [Int16] = {
        var table = [Int16](repeating: -1, count: 0x100 + 68)
        for (byte, scalar) in scalars.enumerated() { table[Int(scalar.value)] = Int16(byte) }
        return table
    }()

    /// Appends the bytes that a spelling stands for.
    ///
    /// - Returns: false, with some of them appended, if one of its characters is not in the alphabet.
    static func append(_ spelling: Substring, to result: inout [UInt8]) -> Bool {
        for scalar in spelling.unicodeScalars {
            let value = Int(scalar.value)
            guard value < bytes.count, bytes[value] >= 0 else { return false }
            result.append(UInt8(bytes[value]))
        }
        return true
    }

    /// The bytes that a spelling stands for, or nil if one of its characters is not in the alphabet.
    static func bytes(ofSpelling spelling: Substring) -> [UInt8]? {
        var result: [UInt8] = []
        return append(spelling, to: &result) ? result : nil
    }

    /// The spelling of some bytes.
    static func spelling(of bytes: some Sequence<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for byte in bytes { text.append(scalars[Int(byte)]) }
        return String(text)
    }
}
