public import Diagnostics

/// The sizes and constants of a Llama-type decoder, under Hugging Face's names.
///
/// Read from a GGUF file of the `llama` architecture (Llama, SmolLM2, Mistral without a window). Everything that would
/// change the arithmetic and is not computed here (scaled rotations, sliding windows, biases, experts) is refused by
/// its name, never skipped.
public struct ModelConfiguration: Sendable, Equatable {
    /// `general.architecture`; `llama` is read.
    public let architecture: String
    /// The width of the residual stream, `hidden_size`.
    public let hiddenSize: Int
    /// The width of the feed-forward network, `intermediate_size`.
    public let intermediateSize: Int
    /// The number of layers, `num_hidden_layers`.
    public let numHiddenLayers: Int
    /// The number of query heads, `num_attention_heads`.
    public let numAttentionHeads: Int
    /// The number of key and value heads, `num_key_value_heads`; it divides ``numAttentionHeads``.
    public let numKeyValueHeads: Int
    /// The number of values in a head, `head_dim`; even.
    public let headDimension: Int
    /// The number of tokens, `vocab_size`.
    public let vocabularySize: Int
    /// The longest sequence in tokens, `max_position_embeddings`.
    public let maxPositionEmbeddings: Int
    /// What is added to the mean square before its root is taken, `rms_norm_eps`.
    public let rmsNormEpsilon: Double
    /// The rotation's base, `rope_theta`.
    public let ropeTheta: Double
    /// Whether the output head is the embedding, `tie_word_embeddings`.
    public let tiesWordEmbeddings: Bool

    /// Makes a configuration from its parts, for tests and for models made in memory.
    public init(
        architecture: String = "llama", hiddenSize: Int, intermediateSize: Int, numHiddenLayers: Int,
        numAttentionHeads: Int, numKeyValueHeads: Int, headDimension: Int, vocabularySize: Int,
        maxPositionEmbeddings: Int, rmsNormEpsilon: Double = 1e-5, ropeTheta: Double = 10_000,
        tiesWordEmbeddings: Bool = true
    ) {
        self.architecture = architecture
        self.hiddenSize = hiddenSize
        self.intermediateSize = intermediateSize
        self.numHiddenLayers = numHiddenLayers
        self.numAttentionHeads = numAttentionHeads
        self.numKeyValueHeads = numKeyValueHeads
        self.headDimension = headDimension
        self.vocabularySize = vocabularySize
        self.maxPositionEmbeddings = maxPositionEmbeddings
        self.rmsNormEpsilon = rmsNormEpsilon
        self.ropeTheta = ropeTheta
        self.tiesWordEmbeddings = tiesWordEmbeddings
    }

    /// Reads the configuration of `file` and checks that it holds exactly the tensors that the configuration needs.
    ///
    /// - Throws: `gguf.missing_key`, `gguf.wrong_type`, `gguf.out_of_range`, `gguf.not_supported`,
    ///   `gguf.missing_tensors`, `gguf.wrong_shapes`, `gguf.unsupported_types`.
    public init(_ file: GGUFFile) throws(Refusal) {
        let reader = GGUFConfigurationReader(file)
        self = try reader.read()
        try reader.checkTensors(of: self)
    }
}
