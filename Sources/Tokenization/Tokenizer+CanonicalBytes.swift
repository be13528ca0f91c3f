extension Tokenizer {
    /// Everything that decides which tokens a text gets, as bytes that are equal only for equal tokenizers.
    ///
    /// For digests in cache keys. Numbers are little-endian, 32 bits. Layout: the line `overread tokenizer 1`; one byte
    /// for the pre-tokenizer (1 if it cuts out numerals); the number of tokens, and for each its type, the length of
    /// its spelling in UTF-8 and the spelling; the number of merges, and for each its length and its text; the bos,
    /// eos, unknown and padding tokens (-1 for none); one byte each for `addBOS` and `addEOS`. The chat template is not
    /// part of it.
    public var canonicalBytes: [UInt8] {
        var bytes = Array("overread tokenizer 1\n".utf8)
        func append(_ number: Int32) {
            for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
        }
        func append(_ text: String) {
            append(Int32(text.utf8.count))
            bytes.append(contentsOf: text.utf8)
        }
        bytes.append(preTokenizer.cutsOutNumerals ? 1 : 0)
        append(Int32(definition.tokens.count))
        for (token, type) in zip(definition.tokens, definition.tokenTypes) {
            append(type)
            append(token)
        }
        append(Int32(definition.merges.count))
        for merge in definition.merges { append(merge) }
        for (_, token) in definition.namedTokenIDs { append(token ?? -1) }
        bytes.append(definition.addBOS ? 1 : 0)
        bytes.append(definition.addEOS ? 1 : 0)
        return bytes
    }
}
