public import Diagnostics

/// The tokenizer's part of a GGUF file, with counts and types checked; the fields follow `tokenizer.ggml.*`.
public struct GGUFVocabulary: Sendable, Equatable {
    /// `model`: `gpt2` for byte-level BPE, `llama` for SentencePiece.
    public let model: String
    /// `pre`: how text is cut into words, or nil if the file does not say.
    public let preTokenizer: String?
    /// `tokens`: the spelling of each token.
    public let tokens: [String]
    /// `token_type`, one a token: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.
    public let tokenTypes: [Int32]
    /// `scores`, one a token, or nil if the file has none.
    public let scores: [Float]?
    /// `merges`, the most urgent first.
    public let merges: [String]
    /// `bos_token_id`.
    public let bosTokenID: Int32?
    /// `eos_token_id`.
    public let eosTokenID: Int32?
    /// `eot_token_id`: what ends a turn of a chat.
    public let eotTokenID: Int32?
    /// `unknown_token_id`.
    public let unknownTokenID: Int32?
    /// `padding_token_id`.
    public let paddingTokenID: Int32?
    /// `add_bos_token`, or nil if the file does not say.
    public let addBOSToken: Bool?
    /// `add_eos_token`, or nil if the file does not say.
    public let addEOSToken: Bool?
    /// `tokenizer.chat_template`, Jinja text.
    public let chatTemplate: String?

    /// Reads and checks the tokenizer's keys.
    ///
    /// - Throws: `gguf.missing_key`, `gguf.wrong_type`, `gguf.wrong_count`, `gguf.bad_token`.
    public init(_ metadata: GGUFMetadata) throws(Refusal) {
        let prefix = "tokenizer.ggml."
        model = try metadata.string(prefix + "model")
        preTokenizer = try metadata.optionalString(prefix + "pre")
        let tokens = try metadata.stringArray(prefix + "tokens")
        self.tokens = tokens
        tokenTypes =
            try metadata.optionalInt32Array(prefix + "token_type") ?? [Int32](repeating: 1, count: tokens.count)
        scores = try metadata.optionalFloatArray(prefix + "scores")
        merges = try metadata.optionalStringArray(prefix + "merges") ?? []
        func tokenID(_ name: String) throws(Refusal) -> Int32? {
            guard let id = try metadata.optionalUInt(prefix + name) else { return nil }
            guard id < tokens.count else {
                throw metadata.refusal(
                    "out_of_range", prefix + name, "it is \(id); the vocabulary has \(tokens.count) tokens",
                    mend: "convert the model again with a current converter")
            }
            return Int32(truncatingIfNeeded: id)
        }
        bosTokenID = try tokenID("bos_token_id")
        eosTokenID = try tokenID("eos_token_id")
        eotTokenID = try tokenID("eot_token_id")
        unknownTokenID = try tokenID("unknown_token_id")
        paddingTokenID = try tokenID("padding_token_id")
        addBOSToken = try metadata.optionalBool(prefix + "add_bos_token")
        addEOSToken = try metadata.optionalBool(prefix + "add_eos_token")
        chatTemplate = try metadata.optionalString("tokenizer.chat_template")
        try check(metadata)
    }

    private func check(_ metadata: GGUFMetadata) throws(Refusal) {
        let mend = "convert the model again with a current converter"
        for (key, count) in [("token_type", tokenTypes.count), ("scores", scores?.count ?? tokens.count)]
        where count != tokens.count {
            throw metadata.refusal(
                "wrong_count", "tokenizer.ggml.\(key)", "it has \(count) values for \(tokens.count) tokens", mend: mend)
        }
        for (index, type) in tokenTypes.enumerated() {
            guard (1...6).contains(type) else {
                throw metadata.refusal(
                    "bad_token", "tokenizer.ggml.token_type", "token \(index) has type \(type); 1 to 6 are known",
                    mend: mend)
            }
            guard type != 6 || Self.isByteToken(tokens[index]) else {
                throw metadata.refusal(
                    "bad_token", "tokenizer.ggml.tokens",
                    "token \(index) is a byte token spelt \(ShownText.quoted(tokens[index])); <0x00> to <0xFF> are allowed",
                    mend: mend)
            }
        }
    }

    /// Whether `spelling` is `<0x` + two hexadecimal digits + `>`.
    private static func isByteToken(_ spelling: String) -> Bool {
        let bytes = Array(spelling.utf8)
        guard bytes.count == 6, spelling.hasPrefix("<0x"), bytes[5] == UInt8(ascii: ">") else { return false }
        return bytes[3...4].allSatisfy { Character(UnicodeScalar($0)).isHexDigit && $0 < 0x80 }
    }
}

extension GGUFFile {
    /// The tokenizer's part of the file, decoded and checked.
    public func vocabulary() throws(Refusal) -> GGUFVocabulary { try GGUFVocabulary(metadata) }
}
