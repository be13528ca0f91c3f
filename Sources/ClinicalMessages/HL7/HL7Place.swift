internal import Diagnostics

/// The segment and field of a message that a refusal is about, as an acknowledgement states them.
///
/// The readers' refusals end in such a place: `…:MSH-9`, `…:segment 4 (OBX)` or `…:segment 4 (OBX):OBX-2`.
struct HL7Place: Equatable {
    /// The segment's name.
    let segment: String
    /// The number of the segment among those of its name, from 1.
    let occurrence: Int
    /// The field's number, from 1; nil when the whole segment is meant.
    let field: Int?

    /// The place at the end of a refusal's location, or nil when it ends otherwise.
    init?(_ refusal: Refusal, in message: HL7Message) {
        var parts = refusal.location.split(separator: ":").suffix(2).map { $0.utf8.map { $0 } }
        var name: [UInt8]?
        var field: Int?
        if let last = parts.last, last.count > 4, last[3] == 0x2D, last[..<3].allSatisfy(Self.isNameByte),
            let number = Int(ByteText.string(last[4...]))
        {
            name = Array(last[..<3])
            field = number
            parts.removeLast()
        }
        var occurrence = 1
        let words = parts.last.map { ByteText.string($0[...]) } ?? ""
        let pieces = words.split(separator: " ")
        if pieces.count == 3, pieces[0] == "segment", let number = Int(pieces[1]), let bracketed = Self.name(pieces[2]),
            message.segments.indices.contains(number - 1)
        {
            name = name ?? Array(bracketed.utf8)
            occurrence = message.segments[..<number].count { $0.name.utf8.elementsEqual(bracketed.utf8) }
        }
        guard let name else { return nil }
        segment = ByteText.string(name[...])
        self.occurrence = occurrence
        self.field = field
    }

    /// ERR-2's components (data type ERL): segment, its number, and the field where one is meant.
    var parts: [[UInt8]] {
        ([segment, String(occurrence)] + (field.map { [String($0)] } ?? [])).map { Array($0.utf8) }
    }

    /// The place in words, such as `OBX[2]-5`.
    var words: String { "\(segment)[\(occurrence)]" + (field.map { "-\($0)" } ?? "") }

    private static func isNameByte(_ byte: UInt8) -> Bool { ByteText.isUpper(byte) || ByteText.isDigit(byte) }

    private static func name(_ piece: Substring) -> String? {
        let bytes = Array(piece.utf8)
        guard bytes.count == 5, bytes.first == 0x28, bytes.last == 0x29 else { return nil }
        return ByteText.string(bytes[1..<4])
    }
}
