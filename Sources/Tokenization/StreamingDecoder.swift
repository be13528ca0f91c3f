/// Turns tokens into text as they arrive, never giving out half a character.
///
/// All that `append` and `finish` return, joined, is what `Tokenizer.decode` gives for all tokens at once.
public struct StreamingDecoder: Sendable {
    private let tokenizer: Tokenizer
    private let skippingSpecialTokens: Bool
    /// The beginning of a character, at most three bytes.
    private var held: [UInt8] = []

    /// Makes the decoder of one stream.
    public init(_ tokenizer: Tokenizer, skippingSpecialTokens: Bool = true) {
        self.tokenizer = tokenizer
        self.skippingSpecialTokens = skippingSpecialTokens
    }

    /// The text that one more token completes; empty while a character lacks bytes.
    public mutating func append(_ token: TokenID) -> String {
        held += tokenizer.decodeBytes([token], skippingSpecialTokens: skippingSpecialTokens)
        let complete = held.count - Self.unfinishedCount(held)
        defer { held.removeFirst(complete) }
        return String(decoding: held[..<complete], as: UTF8.self)
    }

    /// The rest at the end of the stream: U+FFFD if a character stayed unfinished, else nothing.
    public mutating func finish() -> String {
        defer { held = [] }
        return String(decoding: held, as: UTF8.self)
    }

    /// How many bytes at the end may begin a character that more bytes complete.
    ///
    /// An ill-formed beginning is held back too; it is repaired together with what follows, as in one piece.
    static func unfinishedCount(_ bytes: [UInt8]) -> Int {
        for count in stride(from: 1, through: min(3, bytes.count), by: 1) {
            let first = bytes[bytes.count - count]
            if first & 0xC0 == 0x80 { continue }
            let length = first < 0xC2 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 1
            return count < length ? count : 0
        }
        return 0
    }
}
