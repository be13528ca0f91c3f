/// A weight matrix of a decoder layer that an adapter can change; the raw values are Hugging Face's module names.
public enum Projection: String, CaseIterable, Sendable, Hashable {
    /// Attention's query projection.
    case q_proj
    /// Attention's key projection.
    case k_proj
    /// Attention's value projection.
    case v_proj
    /// Attention's output projection.
    case o_proj
    /// The feed-forward network's gate.
    case gate_proj
    /// The feed-forward network's projection upwards.
    case up_proj
    /// The feed-forward network's projection downwards.
    case down_proj

    /// The tensor's name in a GGUF file, such as `blk.0.attn_q.weight`.
    public func ggufName(layer: Int) -> String { "blk.\(layer).\(ggufStem).weight" }

    /// The module's path in a Hugging Face model, such as `model.layers.0.self_attn.q_proj`.
    public func huggingFacePath(layer: Int) -> String { "model.layers.\(layer).\(huggingFaceBlock).\(rawValue)" }

    /// The key of one half of the adapter in PEFT's safetensors file; the two `model.` in a row are correct.
    public func peftKey(layer: Int, _ half: AdapterHalf) -> String {
        "base_model.model.\(huggingFacePath(layer: layer)).lora_\(half.rawValue).weight"
    }

    /// The shape `[out, in]` of the weight in a model with `configuration`.
    public func shape(in configuration: ModelConfiguration) -> (out: Int, in: Int) {
        let hidden = configuration.hiddenSize
        let queries = configuration.numAttentionHeads * configuration.headDimension
        let keys = configuration.numKeyValueHeads * configuration.headDimension
        return switch self {
        case .q_proj: (queries, hidden)
        case .k_proj, .v_proj: (keys, hidden)
        case .o_proj: (hidden, queries)
        case .gate_proj, .up_proj: (configuration.intermediateSize, hidden)
        case .down_proj: (hidden, configuration.intermediateSize)
        }
    }

    /// Whether llama.cpp's converter reorders the weight's rows, head by head, in files of the `llama` architecture.
    ///
    /// Each head's rows, seen as `[2, headDimension / 2]`, are transposed, so that interleaved rotation of the file's
    /// rows equals half-split rotation of Hugging Face's. See ``TensorNaming/huggingFaceRow(ofGGUFRow:headDimension:)``.
    public var isPermutedInGGUF: Bool { self == .q_proj || self == .k_proj }

    private var huggingFaceBlock: String {
        switch self {
        case .q_proj, .k_proj, .v_proj, .o_proj: "self_attn"
        case .gate_proj, .up_proj, .down_proj: "mlp"
        }
    }

    private var ggufStem: String {
        switch self {
        case .q_proj: "attn_q"
        case .k_proj: "attn_k"
        case .v_proj: "attn_v"
        case .o_proj: "attn_output"
        case .gate_proj: "ffn_gate"
        case .up_proj: "ffn_up"
        case .down_proj: "ffn_down"
        }
    }
}

/// One of the two matrices of a low-rank adapter; the raw values are PEFT's.
public enum AdapterHalf: String, CaseIterable, Sendable, Hashable {
    /// The first factor, `[r, in]`.
    case A
    /// The second factor, `[out, r]`; zero before training.
    case B
}

/// The names of the tensors that are not projections, and the ways between the naming schemes.
public enum TensorNaming {
    /// The token embedding, `[vocabulary, hidden]`.
    public static let ggufEmbedding = "token_embd.weight"
    /// The final normalisation's weight, `[hidden]`.
    public static let ggufOutputNorm = "output_norm.weight"
    /// The output head, `[vocabulary, hidden]`; absent where it is tied to the embedding.
    public static let ggufOutput = "output.weight"

    /// The weight of the normalisation before a layer's attention, `[hidden]`.
    public static func ggufAttentionNorm(layer: Int) -> String { "blk.\(layer).attn_norm.weight" }

    /// The weight of the normalisation before a layer's feed-forward network, `[hidden]`.
    public static func ggufFeedForwardNorm(layer: Int) -> String { "blk.\(layer).ffn_norm.weight" }

    /// The Hugging Face name of a tensor of a `llama` GGUF file, or nil if it is none of a decoder's.
    public static func huggingFaceName(ofGGUF name: String) -> String? {
        switch name {
        case ggufEmbedding: return "model.embed_tokens.weight"
        case ggufOutputNorm: return "model.norm.weight"
        case ggufOutput: return "lm_head.weight"
        default: break
        }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "blk", let layer = layerNumber(parts[1]) else { return nil }
        if name == ggufAttentionNorm(layer: layer) { return "model.layers.\(layer).input_layernorm.weight" }
        if name == ggufFeedForwardNorm(layer: layer) { return "model.layers.\(layer).post_attention_layernorm.weight" }
        return Projection.allCases.first { $0.ggufName(layer: layer) == name }
            .map { $0.huggingFacePath(layer: layer) + ".weight" }
    }

    /// What a PEFT key stands for, or nil if it is not the key of a projection's LoRA matrix.
    public static func adapterTensor(ofPEFT key: String) -> (layer: Int, projection: Projection, half: AdapterHalf)? {
        let parts = key.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 9, let layer = layerNumber(parts[4]),
            let projection = Projection(rawValue: String(parts[6])),
            let half = AdapterHalf.allCases.first(where: { "lora_\($0.rawValue)" == parts[7] }),
            key == projection.peftKey(layer: layer, half)
        else { return nil }
        return (layer, projection, half)
    }

    /// The row of Hugging Face's q or k weight that a `llama` GGUF file holds at `row`.
    ///
    /// llama.cpp's converter reshapes each head's rows to `[2, headDimension / 2]` and swaps the two axes
    /// (`conversion/llama.py`, `permute`), so GGUF row `2·i + j` of a head is Hugging Face's row `j · headDimension/2 + i`.
    public static func huggingFaceRow(ofGGUFRow row: Int, headDimension: Int) -> Int {
        precondition(
            headDimension > 0 && headDimension.isMultiple(of: 2) && row >= 0,
            "row \(row) of heads of \(headDimension) rows; an even number of rows is needed")
        let (head, inHead) = row.quotientAndRemainder(dividingBy: headDimension)
        return head * headDimension + inHead % 2 * (headDimension / 2) + inHead / 2
    }

    /// The row of a `llama` GGUF file's q or k weight that holds Hugging Face's `row`: the way back.
    public static func ggufRow(ofHuggingFaceRow row: Int, headDimension: Int) -> Int {
        precondition(
            headDimension > 0 && headDimension.isMultiple(of: 2) && row >= 0,
            "row \(row) of heads of \(headDimension) rows; an even number of rows is needed")
        let (head, inHead) = row.quotientAndRemainder(dividingBy: headDimension)
        return head * headDimension + inHead % (headDimension / 2) * 2 + inHead / (headDimension / 2)
    }

    /// A layer's number written as the formats write it: digits without a leading zero.
    private static func layerNumber(_ text: Substring) -> Int? {
        guard let layer = Int(text), layer >= 0, String(layer) == text else { return nil }
        return layer
    }
}
