public import Diagnostics

/// A byte-level BPE tokenizer: text to token ids and back, exactly, byte for byte.
///
/// Text is split at the tokens that are written out in it (see `encode`), the stretches between them are cut into words
/// by the pre-tokenizer, and each word is merged from its bytes. Where Hugging Face's `tokenizers` and llama.cpp differ,
/// this follows Hugging Face. The tokenizer is immutable and keeps nothing of the texts that pass through it: frequent
/// words are found whole in the vocabulary and need no cache of their own.
public final class Tokenizer: Sendable {
    /// What the model file said.
    public let definition: TokenizerDefinition
    /// How text is cut into words.
    public let preTokenizer: PreTokenizer
    let vocabulary: Vocabulary
    /// Whether merging a token's own bytes gives just that token; then a word of these bytes needs no merging.
    private let isWhole: [Bool]
    private let userDefinedTokens: SpecialTokenMatcher
    private let allAddedTokens: SpecialTokenMatcher

    /// Checks a definition and makes its tokenizer.
    ///
    /// - Throws: `tokenizer.model`, `tokenizer.pre_tokenizer`, `tokenizer.tokens`, `tokenizer.token_types`,
    ///   `tokenizer.merge` or `tokenizer.token_id`, naming the place in the model file's metadata.
    public init(_ definition: TokenizerDefinition) throws(Refusal) {
        guard definition.model == "gpt2" else {
            throw Refusal(
                code: "tokenizer.model", at: "tokenizer.ggml.model",
                "\"\(definition.model)\" is not read; read is gpt2",
                mend: "use a model with a byte-level BPE tokenizer")
        }
        preTokenizer = try PreTokenizer(named: definition.preTokenizer)
        vocabulary = try Vocabulary(definition)
        for (key, token) in definition.namedTokenIDs {
            guard let token, !definition.tokens.indices.contains(Int(token)) else { continue }
            throw Refusal(
                code: "tokenizer.token_id", at: "tokenizer.ggml.\(key)",
                "\(token); allowed are 0 to \(definition.tokens.count - 1)", mend: "convert the model anew")
        }
        self.definition = definition
        isWhole = Self.wholeTokens(vocabulary)
        let types = vocabulary.types
        userDefinedTokens = SpecialTokenMatcher(vocabulary.added.filter { types[Int($0.token)] == .userDefined })
        allAddedTokens = SpecialTokenMatcher(vocabulary.added)
    }

    private static func wholeTokens(_ vocabulary: Vocabulary) -> [Bool] {
        var encoding = BytePairEncoding(merges: vocabulary.merges)
        var tokens: [TokenID] = []
        return vocabulary.types.indices.map { index in
            guard vocabulary.types[index] == .normal else { return false }
            tokens.removeAll(keepingCapacity: true)
            let range = vocabulary.range(of: TokenID(index))
            encoding.encode(vocabulary.bytes, range, byteTokens: vocabulary.byteTokens, into: &tokens)
            return tokens == [TokenID(index)]
        }
    }

    // MARK: The vocabulary

    /// The number of tokens.
    public var vocabularySize: Int { vocabulary.types.count }
    /// The token that begins a sequence, if the model names one.
    public var bosTokenID: TokenID? { definition.bosTokenID }
    /// The token that ends a sequence, if the model names one.
    public var eosTokenID: TokenID? { definition.eosTokenID }
    /// The token that ends an assistant's turn: ChatML's `<|im_end|>` if the vocabulary has it, else the eos token.
    public var endOfTurnTokenID: TokenID? { id(ofToken: ChatTemplate.endOfTurn) ?? eosTokenID }

    /// The token with this spelling, as the model file spells it (bytes in GPT-2's alphabet), or nil.
    public func id(ofToken spelling: String) -> TokenID? {
        let text = Array(spelling.utf8)
        if let added = vocabulary.added.first(where: { $0.text == text }) { return added.token }
        let bytes = ByteAlphabet.bytes(ofSpelling: spelling[...]) ?? text
        return vocabulary.words.token(bytes, bytes.indices)
    }

    /// Whether a token is a mark for the model (control or unknown) and no part of any text.
    ///
    /// - Parameter token: 0 ..< `vocabularySize`.
    public func isSpecial(_ token: TokenID) -> Bool {
        precondition(definition.tokens.indices.contains(Int(token)), "token \(token) of \(vocabularySize)")
        let type = vocabulary.types[Int(token)]
        return type == .control || type == .unknown
    }

    /// The bytes that the vocabulary has no token for, in rising order; `encode` leaves them out, as Hugging Face does.
    public var bytesWithoutToken: [UInt8] {
        vocabulary.byteTokens.indices.filter { vocabulary.byteTokens[$0] < 0 }.map { UInt8($0) }
    }

    // MARK: Text to tokens

    /// The tokens of a text, without bos or eos token.
    ///
    /// - Parameters:
    ///   - text: any text.
    ///   - parsingSpecialTokens: whether control tokens written out in the text, such as `<|im_end|>`, become these
    ///     tokens (the leftmost first, of those that begin at one place the longest); else they are text. User-defined
    ///     tokens always become tokens, as in both peers.
    public func encode(_ text: String, parsingSpecialTokens: Bool = true) -> [TokenID] {
        encode(bytes: Array(text.utf8), parsingSpecialTokens: parsingSpecialTokens)
    }

    /// The tokens of a text given as bytes, which need not be well-formed UTF-8.
    ///
    /// Ill-formed bytes are kept as they are; for cutting into words they count as symbols. Otherwise as
    /// `encode(_:parsingSpecialTokens:)`.
    public func encode(bytes: [UInt8], parsingSpecialTokens: Bool = true) -> [TokenID] {
        let matcher = parsingSpecialTokens ? allAddedTokens : userDefinedTokens
        var encoding = BytePairEncoding(merges: vocabulary.merges)
        var tokens: [TokenID] = []
        tokens.reserveCapacity(bytes.count / 3 + 8)
        var start = 0
        while let (range, token) = matcher.first(in: bytes, from: start) {
            encode(bytes, start..<range.lowerBound, with: &encoding, into: &tokens)
            tokens.append(token)
            start = range.upperBound
        }
        encode(bytes, start..<bytes.count, with: &encoding, into: &tokens)
        return tokens
    }

    /// Appends the tokens of a stretch without written-out tokens.
    private func encode(
        _ bytes: [UInt8], _ stretch: Range<Int>, with encoding: inout BytePairEncoding, into tokens: inout [TokenID]
    ) {
        var start = stretch.lowerBound
        while start < stretch.upperBound {
            let end = preTokenizer.endOfWord(from: start, in: bytes, end: stretch.upperBound)
            if let token = vocabulary.words.token(bytes, start..<end), isWhole[Int(token)] {
                tokens.append(token)
            } else {
                encoding.encode(bytes, start..<end, byteTokens: vocabulary.byteTokens, into: &tokens)
            }
            start = end
        }
    }

    // MARK: Tokens to text

    /// The bytes of some tokens, one after the other.
    ///
    /// - Parameters:
    ///   - tokens: each 0 ..< `vocabularySize`.
    ///   - skippingSpecialTokens: whether special tokens give nothing; else they give their spelling.
    public func decodeBytes(_ tokens: [TokenID], skippingSpecialTokens: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = []
        for token in tokens where !(skippingSpecialTokens && isSpecial(token)) {
            bytes.append(contentsOf: vocabulary.bytes[vocabulary.range(of: token)])
        }
        return bytes
    }

    /// The text of some tokens, for display: ill-formed UTF-8 becomes U+FFFD.
    ///
    /// Parameters as `decodeBytes(_:skippingSpecialTokens:)`, which is exact.
    public func decode(_ tokens: [TokenID], skippingSpecialTokens: Bool = false) -> String {
        String(decoding: decodeBytes(tokens, skippingSpecialTokens: skippingSpecialTokens), as: UTF8.self)
    }
}

extension TokenizerDefinition {
    /// The metadata keys that name one token each, with their values.
    var namedTokenIDs: [(key: String, token: TokenID?)] {
        [
            ("bos_token_id", bosTokenID), ("eos_token_id", eosTokenID), ("unknown_token_id", unknownTokenID),
            ("padding_token_id", paddingTokenID),
        ]
    }
}
