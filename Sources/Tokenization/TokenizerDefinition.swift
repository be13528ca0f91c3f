/// The number of a token in its vocabulary: 0 ..< vocabulary size, the row of the embedding matrix.
public typealias TokenID = Int32

/// Everything that a model file says about its tokenizer, as written there and not yet checked.
///
/// The fields stand for GGUF's `tokenizer.ggml.*` keys and `tokenizer.chat_template` (GGUF specification, section
/// "Tokenizer"); `Tokenizer.init(_:)` checks them.
public struct TokenizerDefinition: Sendable, Equatable {
    /// `tokenizer.ggml.tokens`: one spelling a token, bytes written in GPT-2's alphabet of printable characters.
    public var tokens: [String]
    /// `tokenizer.ggml.token_type`: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte; one a token.
    public var tokenTypes: [Int32]
    /// `tokenizer.ggml.merges`: two spellings with one blank between them, the first merge the most urgent.
    public var merges: [String]
    /// `tokenizer.ggml.model`: the kind of the tokenizer; `gpt2` (byte-level BPE) is read.
    public var model: String
    /// `tokenizer.ggml.pre`: how text is cut into words before merging; see `PreTokenizer.knownNames`.
    public var preTokenizer: String
    /// `tokenizer.ggml.bos_token_id`.
    public var bosTokenID: TokenID?
    /// `tokenizer.ggml.eos_token_id`.
    public var eosTokenID: TokenID?
    /// `tokenizer.ggml.unknown_token_id`.
    public var unknownTokenID: TokenID?
    /// `tokenizer.ggml.padding_token_id`.
    public var paddingTokenID: TokenID?
    /// `tokenizer.ggml.add_bos_token`: whether a sequence begins with the bos token.
    public var addBOS: Bool
    /// `tokenizer.ggml.add_eos_token`: whether a sequence ends with the eos token.
    public var addEOS: Bool
    /// `tokenizer.chat_template`: the Jinja text of the chat template.
    public var chatTemplate: String?

    /// Makes a definition from the values of a model file.
    public init(
        tokens: [String], tokenTypes: [Int32], merges: [String], model: String = "gpt2", preTokenizer: String,
        bosTokenID: TokenID? = nil, eosTokenID: TokenID? = nil, unknownTokenID: TokenID? = nil,
        paddingTokenID: TokenID? = nil, addBOS: Bool = false, addEOS: Bool = false, chatTemplate: String? = nil
    ) {
        self.tokens = tokens
        self.tokenTypes = tokenTypes
        self.merges = merges
        self.model = model
        self.preTokenizer = preTokenizer
        self.bosTokenID = bosTokenID
        self.eosTokenID = eosTokenID
        self.unknownTokenID = unknownTokenID
        self.paddingTokenID = paddingTokenID
        self.addBOS = addBOS
        self.addEOS = addEOS
        self.chatTemplate = chatTemplate
    }
}

/// What a token is for, as GGUF's `tokenizer.ggml.token_type` numbers it.
enum TokenType: Int32 {
    case normal = 1
    case unknown = 2
    case control = 3
    case userDefined = 4
    case unused = 5
}
