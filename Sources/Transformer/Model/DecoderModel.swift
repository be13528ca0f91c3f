internal import Diagnostics
public import Kernels
public import ModelFiles
public import Tokenization

/// A frozen decoder of the Llama family, read from a GGUF file and left in its quantised blocks.
///
/// Not `Sendable`: a model and what works on it belong to one owner.
public final class DecoderModel {
    /// One layer's weights; projections in Hugging Face's row order when read.
    public struct Layer {
        /// The weight of the norm before attention, C values.
        let inputNorm: [Float]
        /// The weight of the norm before the feed-forward part, C values.
        let postAttentionNorm: [Float]
        let projections: [Projection: FrozenWeight]

        /// A projection's frozen weight (outputs × inputs).
        subscript(_ projection: Projection) -> FrozenWeight {
            guard let weight = projections[projection] else { preconditionFailure("no \(projection.rawValue)") }
            return weight
        }
    }

    /// The shape of the model.
    public let configuration: ModelConfiguration
    /// The model's tokenizer.
    public let tokenizer: Tokenizer
    /// The model's chat template.
    public let chatTemplate: ChatTemplate
    /// The file that it was read from, as given.
    public let path: String
    /// The model's own name, from the file's metadata.
    public let name: String
    /// The mapped file, for its digest and size.
    public let file: MappedFile
    /// The threads that operations on this model use.
    public let workers: Workers

    let embedding: FrozenWeight
    let head: FrozenWeight
    let finalNorm: [Float]
    let layers: [Layer]
    let rotary: RotaryEmbedding
    let attention: CausalAttention

    init(
        configuration: ModelConfiguration, tokenizer: Tokenizer, chatTemplate: ChatTemplate, path: String, name: String,
        file: MappedFile, workers: Workers, embedding: FrozenWeight, head: FrozenWeight, finalNorm: [Float],
        layers: [Layer]
    ) {
        self.configuration = configuration
        self.tokenizer = tokenizer
        self.chatTemplate = chatTemplate
        self.path = path
        self.name = name
        self.file = file
        self.workers = workers
        self.embedding = embedding
        self.head = head
        self.finalNorm = finalNorm
        self.layers = layers
        rotary = RotaryEmbedding(headDimension: configuration.headDimension, base: configuration.ropeTheta)
        attention = CausalAttention(
            headCount: configuration.numAttentionHeads, keyValueHeadCount: configuration.numKeyValueHeads,
            headDimension: configuration.headDimension)
    }

    var epsilon: Float { Float(configuration.rmsNormEpsilon) }

    /// The number of frozen parameters.
    public var parameterCount: Int {
        let projections = layers.reduce(0) { sum, layer in
            sum + layer.projections.values.reduce(0) { $0 + $1.rows * $1.columns }
                + layer.inputNorm.count + layer.postAttentionNorm.count
        }
        let table = embedding.rows * embedding.columns
        return projections + table + finalNorm.count + (configuration.tiesWordEmbeddings ? 0 : table)
    }
}
