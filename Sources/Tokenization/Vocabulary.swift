internal import Diagnostics

/// The checked tables behind a `Tokenizer`: what each token's bytes are, what merges, what is special.
struct Vocabulary: Sendable {
    /// The bytes of all tokens, one after the other.
    private(set) var bytes: [UInt8] = []
    /// Where each token's bytes begin, and one place more for the end.
    private(set) var starts: [Int] = [0]
    /// What each token is for.
    let types: [TokenType]
    /// The tokens that merging may use, by their bytes.
    private(set) var words: ByteStringTable
    /// The control, unknown and user-defined tokens, written out in the text as they are spelled.
    private(set) var added: [(text: [UInt8], token: TokenID)] = []
    /// The token of each byte, or -1.
    private(set) var byteTokens: [TokenID]
    /// The merges, their parts and results being tokens.
    private(set) var merges: MergeTable

    /// Checks a definition's tokens and merges.
    init(_ definition: TokenizerDefinition) throws(Refusal) {
        types = try Self.checkedTypes(definition)
        words = ByteStringTable(capacity: types.count)
        byteTokens = Array(repeating: -1, count: 256)
        merges = MergeTable(capacity: definition.merges.count)
        try read(definition.tokens)
        try readMerges(definition.merges)
        for byte in 0..<256 { byteTokens[byte] = words.token([UInt8(byte)], 0..<1) ?? -1 }
    }

    /// The place of a token's bytes in `bytes`.
    func range(of token: TokenID) -> Range<Int> {
        let index = Int(token)
        precondition(index >= 0 && index < types.count, "token \(token) of a vocabulary of \(types.count)")
        return starts[index]..<starts[index + 1]
    }

    private static func checkedTypes(_ definition: TokenizerDefinition) throws(Refusal) -> [TokenType] {
        let count = definition.tokens.count
        guard count > 0, count <= Int(Int32.max) else {
            throw Refusal(
                code: "tokenizer.tokens", at: "tokenizer.ggml.tokens", "\(count) tokens; allowed are 1 to \(Int32.max)",
                mend: "use a model file with a vocabulary")
        }
        guard definition.tokenTypes.count == count else {
            throw Refusal(
                code: "tokenizer.token_types", at: "tokenizer.ggml.token_type",
                "\(definition.tokenTypes.count) types for \(count) tokens; one a token is allowed",
                mend: "convert the model anew")
        }
        var types: [TokenType] = []
        types.reserveCapacity(count)
        for (index, number) in definition.tokenTypes.enumerated() {
            guard let type = TokenType(rawValue: number) else {
                throw Refusal(
                    code: "tokenizer.token_types", at: "tokenizer.ggml.token_type[\(index)]",
                    "type \(number); a gpt2 vocabulary has 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused",
                    mend: "convert the model anew")
            }
            types.append(type)
        }
        return types
    }

    private mutating func read(_ tokens: [String]) throws(Refusal) {
        var addedTexts = ByteStringTable(capacity: tokens.count)
        for (index, spelling) in tokens.enumerated() {
            let token = TokenID(index)
            let text = Array(spelling.utf8)
            guard !text.isEmpty || types[index] == .unused else {
                throw Refusal(
                    code: "tokenizer.tokens", at: "tokenizer.ggml.tokens[\(index)]",
                    "the token is empty; only unused ones may be", mend: "convert the model anew")
            }
            let isNew: Bool
            switch types[index] {
            case .normal:
                Self.append(spelling[...], to: &bytes)
                isNew = words.insert(bytes, starts[index]..<bytes.count, token: token)
            case .unknown, .control, .userDefined:
                bytes.append(contentsOf: text)
                added.append((text, token))
                isNew = addedTexts.insert(text, text.indices, token: token)
            case .unused:
                bytes.append(contentsOf: text)
                isNew = true
            }
            guard isNew else {
                throw Refusal(
                    code: "tokenizer.tokens", at: "tokenizer.ggml.tokens[\(index)]",
                    "the token stands twice; each may stand once", mend: "convert the model anew")
            }
            starts.append(bytes.count)
        }
    }

    private mutating func readMerges(_ lines: [String]) throws(Refusal) {
        var whole: [UInt8] = []
        for (rank, line) in lines.enumerated() {
            let parts = line.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                throw refusal(merge: rank, "\(parts.count) parts between blanks; two that are not empty are allowed")
            }
            whole.removeAll(keepingCapacity: true)
            Self.append(Substring(parts[0]), to: &whole)
            let middle = whole.count
            Self.append(Substring(parts[1]), to: &whole)
            guard let left = words.token(whole, 0..<middle), let right = words.token(whole, middle..<whole.count),
                let token = words.token(whole, 0..<whole.count)
            else { throw refusal(merge: rank, "a part or the result is not a normal token; all three must be") }
            guard merges.insert(left, right, rank: UInt32(rank), token: token) else {
                throw refusal(merge: rank, "the merge stands twice; each may stand once")
            }
        }
    }

    private func refusal(merge rank: Int, _ problem: String) -> Refusal {
        Refusal(
            code: "tokenizer.merge", at: "tokenizer.ggml.merges[\(rank)]", problem, mend: "convert the model anew")
    }

    /// Appends the bytes that a spelling stands for; one outside the alphabet stands for its own text.
    private static func append(_ spelling: Substring, to bytes: inout [UInt8]) {
        let count = bytes.count
        guard !ByteAlphabet.append(spelling, to: &bytes) else { return }
        bytes.removeSubrange(count...)
        bytes.append(contentsOf: spelling.utf8)
    }
}
