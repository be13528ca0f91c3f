public import Diagnostics

/// How text is cut into words before merging: GPT-2's pattern, with or without numerals cut out one by one first.
///
/// GPT-2's pattern (Radford et al. 2019) is
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`. SmolLM and StarCoder cut out every
/// numeral (categories Nd, Nl and No) before it, as a word of its own, and apply the pattern to each piece between
/// numerals: a run of blanks before a numeral is then at the end of its piece and stays whole. Hugging Face
/// (`Digits(individual_digits=True)`, `ByteLevel`) and llama.cpp (`\p{N}` before the pattern) both do so.
public struct PreTokenizer: Sendable, Equatable {
    /// Whether every numeral is a word of its own.
    public let cutsOutNumerals: Bool

    /// The values of `tokenizer.ggml.pre` that are read; `default` is read as `gpt-2`, as Hugging Face's loader does.
    public static let knownNames = ["smollm", "starcoder", "gpt-2", "default"]

    /// Reads a name of `tokenizer.ggml.pre`.
    ///
    /// - Throws: `tokenizer.pre_tokenizer` for a name that is not in `knownNames`.
    public init(named name: String) throws(Refusal) {
        switch name {
        case "smollm", "starcoder": cutsOutNumerals = true
        case "gpt-2", "default": cutsOutNumerals = false
        default:
            throw Refusal(
                code: "tokenizer.pre_tokenizer", at: "tokenizer.ggml.pre",
                "\"\(name)\" is not read; read are \(Self.knownNames.joined(separator: ", "))",
                mend: "use a model with one of these pre-tokenizers")
        }
    }

    /// The end of the word that begins at `start`.
    ///
    /// - Parameters:
    ///   - start: a place before `end`.
    ///   - bytes: the text as UTF-8; other bytes count as characters of class `other`.
    ///   - end: the end of the text within `bytes`.
    /// - Returns: a place after `start` and at most `end`.
    func endOfWord(from start: Int, in bytes: [UInt8], end: Int) -> Int {
        if bytes[start] == UInt8(ascii: "'"), let length = contraction(at: start, in: bytes, end: end) {
            return start + length
        }
        var (kind, length) = ScalarClass.at(start, in: bytes, end: end)
        var index = start + length
        if bytes[start] == UInt8(ascii: " "), index < end {
            let following = ScalarClass.at(index, in: bytes, end: end)
            if following.class != .whitespace, !(cutsOutNumerals && following.class == .number) {
                (kind, length) = following
                index += length
            }
        }
        if kind == .whitespace { return endOfWhitespace(from: start, firstLength: length, in: bytes, end: end) }
        if kind == .number, cutsOutNumerals { return index }
        while index < end {
            let (nextKind, nextLength) = ScalarClass.at(index, in: bytes, end: end)
            guard nextKind == kind else { break }
            index += nextLength
        }
        return index
    }

    /// The length of one of `'s 't 're 've 'm 'll 'd` at an apostrophe, or nil.
    private func contraction(at start: Int, in bytes: [UInt8], end: Int) -> Int? {
        guard start + 1 < end else { return nil }
        switch bytes[start + 1] {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"):
            return start + 2 < end && bytes[start + 2] == UInt8(ascii: "e") ? 3 : nil
        case UInt8(ascii: "l"): return start + 2 < end && bytes[start + 2] == UInt8(ascii: "l") ? 3 : nil
        default: return nil
        }
    }

    /// The end of a run of white space: all of it at the end of a piece, else all but its last character, which may
    /// belong to the next word; a single one stands alone.
    private func endOfWhitespace(from start: Int, firstLength: Int, in bytes: [UInt8], end: Int) -> Int {
        var last = start
        var index = start + firstLength
        while index < end {
            let (kind, length) = ScalarClass.at(index, in: bytes, end: end)
            if kind != .whitespace {
                let endsPiece = cutsOutNumerals && kind == .number
                return endsPiece || last == start ? index : last
            }
            last = index
            index += length
        }
        return end
    }
}
