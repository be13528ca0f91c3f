public import Tokenization
internal import Transformer

/// A preference as token ids: the prompt's ids are the beginning of both whole sequences.
public struct EncodedPair: Sendable, Equatable {
    /// Names the pair in messages and outputs.
    public var id: String
    /// The prompt, at least one token.
    public var prompt: [TokenID]
    /// The chosen answer, at least one token, with the tokens that end the turn unless it was cut.
    public var chosen: [TokenID]
    /// The rejected answer, likewise.
    public var rejected: [TokenID]
    /// Whether `max_length` cut the chosen answer.
    public var chosenWasCut = false
    /// Whether `max_length` cut the rejected answer.
    public var rejectedWasCut = false
    /// Whether tokens of the prompt's end were joined with the answer's beginning, so that the boundary lies before them.
    public var boundaryMoved = false

    /// A pair of token ids.
    public init(id: String, prompt: [TokenID], chosen: [TokenID], rejected: [TokenID]) {
        self.id = id
        self.prompt = prompt
        self.chosen = chosen
        self.rejected = rejected
    }

    /// Rows that the pair takes in a pass: the prompt and what both answers begin with once, all but each last token.
    public var packedCount: Int {
        prompt.count + chosen.count + rejected.count - 2 - PackedTokens.commonCount(chosen, rejected)
    }

    /// Tokens as TRL's `num_tokens` counts them: the prompt once for each answer.
    public var tokenCount: Int { 2 * prompt.count + chosen.count + rejected.count }
}
