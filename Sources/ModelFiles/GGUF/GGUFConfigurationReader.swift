import Diagnostics

/// Reads a ``ModelConfiguration`` from GGUF metadata.
struct GGUFConfigurationReader {
    let file: GGUFFile
    private var metadata: GGUFMetadata { file.metadata }

    init(_ file: GGUFFile) { self.file = file }

    func read() throws(Refusal) -> ModelConfiguration {
        let architecture = try metadata.string("general.architecture")
        guard architecture == "llama" else {
            throw notSupported(
                "general.architecture", "the architecture is \(ShownText.quoted(architecture)); \"llama\" is read",
                mend: "use a model of the llama architecture (Llama, SmolLM2)")
        }
        if let type = try metadata.optionalString("general.type"), type != "model" {
            throw notSupported(
                "general.type", "the file holds a part of type \(ShownText.quoted(type)); \"model\" is needed",
                mend: "give the model's own file")
        }
        if let version = try metadata.optionalUInt("general.quantization_version"), version != 2 {
            throw notSupported(
                "general.quantization_version", "the blocks have layout version \(version); 2 is read",
                mend: "quantise the model again with a current llama.cpp")
        }
        try refuseUnsupported()
        let hidden = try size("llama.embedding_length", 1...1_048_576)
        let heads = try size("llama.attention.head_count", 1...65_536)
        let keyValueHeads = try optionalSize("llama.attention.head_count_kv", 1...65_536) ?? heads
        guard heads.isMultiple(of: keyValueHeads) else {
            throw outOfRange(
                "llama.attention.head_count_kv", "it is \(keyValueHeads), which does not divide the \(heads) heads")
        }
        let headDimension = try headDimension(hidden: hidden, heads: heads)
        let epsilon = try metadata.float("llama.attention.layer_norm_rms_epsilon")
        guard epsilon > 0 && epsilon <= 0.1 else {
            throw outOfRange("llama.attention.layer_norm_rms_epsilon", "it is \(epsilon); above 0 to 0.1 is allowed")
        }
        let theta = try metadata.optionalFloat("llama.rope.freq_base") ?? 10_000
        guard theta >= 1 && theta <= 1e12 else {
            throw outOfRange("llama.rope.freq_base", "it is \(theta); 1 to 1e12 is allowed")
        }
        return ModelConfiguration(
            architecture: architecture, hiddenSize: hidden,
            intermediateSize: try size("llama.feed_forward_length", 1...16_777_216),
            numHiddenLayers: try size("llama.block_count", 1...1024), numAttentionHeads: heads,
            numKeyValueHeads: keyValueHeads, headDimension: headDimension, vocabularySize: try vocabularySize(),
            maxPositionEmbeddings: try size("llama.context_length", 1...16_777_216), rmsNormEpsilon: epsilon,
            ropeTheta: theta, tiesWordEmbeddings: file.tensorIfPresent(named: TensorNaming.ggufOutput) == nil)
    }

    // MARK: - Sizes

    private func headDimension(hidden: Int, heads: Int) throws(Refusal) -> Int {
        let key = "llama.attention.key_length"
        let declared = try optionalSize(key, 1...65_536)
        guard declared != nil || hidden.isMultiple(of: heads) else {
            throw outOfRange(
                "llama.attention.head_count", "it is \(heads), which does not divide the width \(hidden)")
        }
        let dimension = declared ?? hidden / heads
        guard dimension.isMultiple(of: 2) else {
            throw outOfRange(
                declared == nil ? "llama.attention.head_count" : key,
                "a head has \(dimension) values; an even number is needed")
        }
        for (key, what) in [
            ("llama.attention.value_length", "values of another length than the keys'"),
            ("llama.rope.dimension_count", "a rotation of a part of the head"),
        ] {
            if let length = try metadata.optionalUInt(key), length != dimension {
                throw notSupported(key, "it is \(length) with heads of \(dimension): \(what) is not computed")
            }
        }
        return dimension
    }

    private func vocabularySize() throws(Refusal) -> Int {
        let rows = try file.tensor(named: TensorNaming.ggufEmbedding).rows
        if let declared = try optionalSize("llama.vocab_size", 1...16_777_216), declared != rows {
            throw outOfRange(
                "llama.vocab_size", "it is \(declared), and the tensor \"token_embd.weight\" has \(rows) rows")
        }
        if case .array(let tokens)? = metadata["tokenizer.ggml.tokens"]?.value, tokens.count != rows {
            throw outOfRange(
                "tokenizer.ggml.tokens",
                "it has \(tokens.count) tokens, and the tensor \"token_embd.weight\" has \(rows) rows")
        }
        return rows
    }

    private func size(_ key: String, _ allowed: ClosedRange<Int>) throws(Refusal) -> Int {
        try inside(allowed, key, try metadata.uint(key))
    }

    private func optionalSize(_ key: String, _ allowed: ClosedRange<Int>) throws(Refusal) -> Int? {
        guard let value = try metadata.optionalUInt(key) else { return nil }
        return try inside(allowed, key, value)
    }

    private func inside(_ allowed: ClosedRange<Int>, _ key: String, _ value: Int) throws(Refusal) -> Int {
        guard allowed.contains(value) else {
            throw outOfRange(key, "it is \(value); \(allowed.lowerBound) to \(allowed.upperBound) is allowed")
        }
        return value
    }

    // MARK: - What is not computed

    /// Refuses what llama.cpp would honour for this architecture and this reader does not.
    private func refuseUnsupported() throws(Refusal) {
        if let type = try metadata.optionalString("llama.rope.scaling.type"), type != "none" {
            throw notSupported(
                "llama.rope.scaling.type", "rotation scaled by \(ShownText.quoted(type)) is not computed; none is")
        }
        for key in ["llama.rope.scaling.factor", "llama.rope.scale_linear", "llama.rope.scaling.attn_factor"] {
            if let factor = try metadata.optionalFloat(key), factor != 1 && factor != 0 {
                throw notSupported(key, "rotation scaled by \(factor) is not computed; 1 is")
            }
        }
        for (key, what) in [
            ("llama.attention.sliding_window", "attention in a sliding window"),
            ("llama.expert_count", "a mixture of experts"),
            ("llama.attention.scale", "an attention scale of its own"),
            ("llama.attention.clamp_kqv", "clamped attention inputs"),
            ("llama.attention.max_alibi_bias", "ALiBi"),
            ("llama.attn_logit_softcapping", "soft-capped attention"),
            ("llama.final_logit_softcapping", "soft-capped logits"),
            ("llama.logit_scale", "scaled logits"),
            ("llama.embedding_scale", "scaled embeddings"),
            ("llama.residual_scale", "a scaled residual stream"),
            ("llama.nextn_predict_layers", "layers that predict further tokens"),
        ] {
            if let value = try metadata.optionalFloat(key), value != 0 {
                throw notSupported(key, "it is \(value): \(what) is not computed")
            }
        }
        if try metadata.optionalBool("llama.attention.causal") == false {
            throw notSupported("llama.attention.causal", "attention to later tokens is not computed")
        }
        if try metadata.optionalBool("llama.use_parallel_residual") == true {
            throw notSupported("llama.use_parallel_residual", "parallel residual streams are not computed")
        }
    }

    private func notSupported(
        _ key: String, _ words: String, mend: String = "use a model without it, such as SmolLM2"
    ) -> Refusal {
        metadata.refusal("not_supported", key, words, mend: mend)
    }

    private func outOfRange(_ key: String, _ words: String) -> Refusal {
        metadata.refusal("out_of_range", key, words, mend: "convert the model again with a current converter")
    }
}
