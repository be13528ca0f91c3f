/// The tokens of a prompt and of the completion that follows it.
public struct EncodedCompletion: Sendable, Equatable {
    /// How prompt and completion were separated.
    public enum Boundary: Sendable, Equatable {
        /// The whole text was encoded; the prompt's tokens begin it and the completion's are the rest.
        case joint
        /// A token of the whole text would have spanned the boundary; the completion was encoded by itself.
        case separate
    }

    /// The prompt's tokens: exactly those of the prompt alone.
    public let prompt: [TokenID]
    /// The completion's tokens; prompt and completion decode to the whole text.
    public let completion: [TokenID]
    /// How they were separated.
    public let boundary: Boundary

    /// Makes the value of its parts.
    public init(prompt: [TokenID], completion: [TokenID], boundary: Boundary) {
        self.prompt = prompt
        self.completion = completion
        self.boundary = boundary
    }
}

extension Tokenizer {
    /// Encodes a prompt and its completion so that the prompt's own tokens are always the beginning of the whole.
    ///
    /// So one prompt has one encoding whatever follows, and the loss over the completion begins at its first byte.
    /// Callers should count the `.separate` cases: there the whole differs from the encoding of the joined text.
    public func encodeCompletion(
        prompt: String, completion: String, parsingSpecialTokens: Bool = true
    ) -> EncodedCompletion {
        let promptTokens = encode(prompt, parsingSpecialTokens: parsingSpecialTokens)
        let whole = encode(
            bytes: Array(prompt.utf8) + Array(completion.utf8), parsingSpecialTokens: parsingSpecialTokens)
        if whole.starts(with: promptTokens) {
            return EncodedCompletion(
                prompt: promptTokens, completion: Array(whole[promptTokens.count...]), boundary: .joint)
        }
        let completionTokens = encode(completion, parsingSpecialTokens: parsingSpecialTokens)
        return EncodedCompletion(prompt: promptTokens, completion: completionTokens, boundary: .separate)
    }
}
