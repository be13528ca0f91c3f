import Diagnostics
import ModelFiles
import Testing

@Suite("Model configuration from GGUF")
struct ModelConfigurationTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func refused(_ change: (inout GGUFBuilder) -> Void) throws -> Refusal? {
        var file = GGUFBuilder.llama()
        change(&file)
        return try ggufRefusal(file.bytes(), configured: true, in: folder)
    }

    @Test("the sizes are the file's, under Hugging Face's names")
    func sizes() throws {
        let path = try folder.file("m.gguf", GGUFBuilder.llama().bytes())
        let found = try ModelConfiguration(try GGUFFile(path: path))
        #expect(
            found
                == ModelConfiguration(
                    hiddenSize: 8, intermediateSize: 12, numHiddenLayers: 1, numAttentionHeads: 2, numKeyValueHeads: 1,
                    headDimension: 4, vocabularySize: 5, maxPositionEmbeddings: 64,
                    rmsNormEpsilon: Double(Float(1e-5)), ropeTheta: 100_000, tiesWordEmbeddings: true))
    }

    @Test("an output head of its own unties the embeddings")
    func untied() throws {
        var file = GGUFBuilder.llama()
        file.add("output.weight", [8, 5])
        let path = try folder.file("m.gguf", file.bytes())
        #expect(try ModelConfiguration(try GGUFFile(path: path)).tiesWordEmbeddings == false)
    }

    @Test("SmolLM2's configuration", .enabled(if: RealModel.exists, "no model file in .cache/models"))
    func real() throws {
        let file = try GGUFFile(path: RealModel.path)
        #expect(
            try ModelConfiguration(file)
                == ModelConfiguration(
                    hiddenSize: 576, intermediateSize: 1536, numHiddenLayers: 30, numAttentionHeads: 9,
                    numKeyValueHeads: 3, headDimension: 64, vocabularySize: 49152, maxPositionEmbeddings: 8192,
                    rmsNormEpsilon: Double(Float(1e-5)), ropeTheta: 100_000, tiesWordEmbeddings: true))
        let vocabulary = try file.vocabulary()
        #expect(vocabulary.tokens[1] == "<|im_start|>" && vocabulary.bosTokenID == 1 && vocabulary.eosTokenID == 2)
        #expect(vocabulary.preTokenizer == "smollm" && vocabulary.addBOSToken == false && vocabulary.scores == nil)
    }

    @Test("keys that are missing are named")
    func missing() throws {
        for key in [
            "llama.block_count", "llama.embedding_length", "llama.attention.head_count", "general.architecture",
        ] {
            expect(try refused { $0.remove(key) }, "gguf.missing_key", "\"\(key)\"")
        }
    }

    @Test("sizes out of range are refused with the range")
    func ranges() throws {
        expect(
            try refused { $0.set("llama.attention.head_count", UInt32(0)) }, "gguf.out_of_range", "it is 0; 1 to 65536")
        expect(
            try refused { $0.set("llama.attention.head_count", UInt32(3)) }, "gguf.out_of_range", "does not divide")
        expect(
            try refused { $0.set("llama.attention.head_count_kv", UInt32(4)) }, "gguf.out_of_range",
            "4, which does not divide the 2 heads")
        expect(
            try refused { $0.set("llama.attention.head_count", UInt32(8)) }, "gguf.out_of_range", "1 values; an even")
        expect(
            try refused { $0.set("llama.block_count", UInt32(1_000_000_000)) }, "gguf.out_of_range",
            "1000000000; 1 to 1024")
        expect(try refused { $0.set("llama.rope.freq_base", Float.nan) }, "gguf.out_of_range", "it is nan; 1 to 1e12")
        for epsilon: Float in [0, -1, .nan, .infinity] {
            expect(
                try refused { $0.set("llama.attention.layer_norm_rms_epsilon", epsilon) }, "gguf.out_of_range",
                "above 0")
        }
        expect(
            try refused { $0.set("llama.vocab_size", UInt32(6)) }, "gguf.out_of_range", "6", "has 5 rows")
        expect(
            try refused { $0.set("tokenizer.ggml.tokens", ["a", "b"]) }, "gguf.out_of_range", "2 tokens", "has 5 rows")
        expect(
            try refused { $0.set("tokenizer.ggml.eos_token_id", UInt32(5)) }, "gguf.out_of_range", "has 5 tokens")
        expect(
            try refused { $0.set("llama.block_count", "two") }, "gguf.wrong_type", "it is string", "an integer")
    }

    @Test("what changes the arithmetic and is not computed is refused by name")
    func unsupported() throws {
        for (key, value) in [
            ("llama.rope.scaling.type", "linear"), ("llama.rope.scaling.type", "yarn"),
            ("general.architecture", "qwen2"),
            ("general.type", "adapter"),
        ] {
            expect(try refused { $0.set(key, value) }, "gguf.not_supported", "\"\(key)\"", "\"\(value)\"")
        }
        for key in ["llama.attention.sliding_window", "llama.expert_count", "general.quantization_version"] {
            expect(try refused { $0.set(key, UInt32(8)) }, "gguf.not_supported", "\"\(key)\"", "8")
        }
        expect(try refused { $0.set("llama.rope.scaling.factor", Float(4)) }, "gguf.not_supported", "factor", "4.0")
        expect(
            try refused { $0.set("llama.rope.dimension_count", UInt32(2)) }, "gguf.not_supported", "a part of the head")
        expect(try refused { $0.set("llama.attention.value_length", UInt32(8)) }, "gguf.not_supported", "value_length")
        expect(try refused { $0.add("rope_freqs.weight", [2]) }, "gguf.not_supported", "rope_freqs.weight")
        expect(
            try refused { $0.add("blk.0.attn_q.bias", [8]) }, "gguf.not_supported", "\"blk.0.attn_q.bias\"", "biases")
        #expect(try refused { $0.set("llama.rope.scaling.type", "none") } == nil)
        #expect(try refused { $0.set("llama.attention.sliding_window", UInt32(0)) } == nil)
    }

    @Test("missing tensors are listed, the first five and a count, and wrong shapes with both")
    func tensors() throws {
        expect(
            try refused { $0.set("llama.block_count", UInt32(2)) }, "gguf.missing_tensors", "9 tensors are missing",
            "\"blk.1.attn_norm.weight\"", "and 4 more")
        expect(
            try refused { $0.set("llama.feed_forward_length", UInt32(16)) }, "gguf.wrong_shapes",
            "\"blk.0.ffn_gate.weight\" is [12, 8], [16, 8] is needed")
    }
}

@Suite("Tensor names")
struct TensorNamingTests {
    @Test("a projection has its peers' names")
    func names() {
        #expect(Projection.q_proj.ggufName(layer: 3) == "blk.3.attn_q.weight")
        #expect(Projection.o_proj.ggufName(layer: 0) == "blk.0.attn_output.weight")
        #expect(Projection.down_proj.huggingFacePath(layer: 12) == "model.layers.12.mlp.down_proj")
        #expect(
            Projection.q_proj.peftKey(layer: 0, .A) == "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight")
    }

    @Test("every name leads back to what it stands for", arguments: Projection.allCases)
    func back(_ projection: Projection) throws {
        for half in AdapterHalf.allCases {
            let found = try #require(TensorNaming.adapterTensor(ofPEFT: projection.peftKey(layer: 17, half)))
            #expect(found == (17, projection, half))
        }
        #expect(
            TensorNaming.huggingFaceName(ofGGUF: projection.ggufName(layer: 17))
                == projection.huggingFacePath(layer: 17) + ".weight")
    }

    @Test(
        "other names stand for nothing",
        arguments: [
            "base_model.model.model.layers.00.self_attn.q_proj.lora_A.weight",
            "base_model.model.model.layers.0.mlp.q_proj.lora_A.weight", "base_model.model.lm_head.lora_A.weight",
            "base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector", "blk.+1.attn_q.weight",
            "blk.-1.attn_q.weight", "blk.0.attn_q.bias",
        ])
    func foreign(_ name: String) {
        #expect(TensorNaming.adapterTensor(ofPEFT: name) == nil)
        #expect(TensorNaming.huggingFaceName(ofGGUF: name) == nil)
    }

    @Test("rows of q and k: a head of 4 rows is stored as 0, 2, 1, 3, as the converter's reshape and swap give")
    func permutation() {
        // numpy: arange(8).reshape(2, 2, 2).swapaxes(1, 2).reshape(8), two heads of four rows.
        let rows = (0..<8).map { TensorNaming.huggingFaceRow(ofGGUFRow: $0, headDimension: 4) }
        #expect(rows == [0, 2, 1, 3, 4, 6, 5, 7])
        // A head of six rows, where the way there and the way back differ: reshape(2, 3).swapaxes(0, 1).
        #expect((0..<6).map { TensorNaming.huggingFaceRow(ofGGUFRow: $0, headDimension: 6) } == [0, 3, 1, 4, 2, 5])
        for row in 0..<192 {
            let stored = TensorNaming.ggufRow(ofHuggingFaceRow: row, headDimension: 64)
            #expect(TensorNaming.huggingFaceRow(ofGGUFRow: stored, headDimension: 64) == row)
        }
        #expect(Projection.allCases.filter(\.isPermutedInGGUF) == [.q_proj, .k_proj])
    }
}
