/// How text is decoded, under the peers' names and defaults: greedy unless a temperature is set.
public struct GenerationOptions: Sendable, Equatable {
    /// The largest number of tokens to write for a prompt, at least 1.
    public var maxNewTokens: Int
    /// 0 is greedy; otherwise logits are divided by it.
    public var temperature: Double
    /// Only the smallest set of tokens whose probabilities reach this sum is kept; 1 keeps all.
    public var topP: Double
    /// Only so many tokens are kept; 0 keeps all.
    public var topK: Int
    /// Only tokens at least this share of the most probable one's probability are kept; 0 keeps all.
    public var minP: Double
    /// Logits of tokens already seen are divided (if positive) or multiplied (if negative) by it; 1 changes nothing.
    public var repetitionPenalty: Double
    /// The seed; each prompt draws from a stream of its own, so other prompts change nothing.
    public var seed: UInt64
    /// Texts that end an answer; they are not part of it.
    public var stopStrings: [String]
    /// Prompts decoded at once.
    public var batchSize: Int

    /// Greedy decoding of up to 256 tokens.
    public init(
        maxNewTokens: Int = 256, temperature: Double = 0, topP: Double = 1, topK: Int = 0, minP: Double = 0,
        repetitionPenalty: Double = 1, seed: UInt64 = 0, stopStrings: [String] = [], batchSize: Int = 64
    ) {
        self.maxNewTokens = maxNewTokens
        self.temperature = temperature
        self.topP = topP
        self.topK = topK
        self.minP = minP
        self.repetitionPenalty = repetitionPenalty
        self.seed = seed
        self.stopStrings = stopStrings
        self.batchSize = batchSize
    }

    /// Whether the most probable token can be taken without looking at the other logits.
    var isPlainGreedy: Bool { temperature == 0 && repetitionPenalty == 1 }
}
