import Diagnostics
import Foundation
import Kernels
import ModelFiles
import Testing

/// Where a real model may lie: `.cache/models` under the package's root.
enum RealModel {
    static let path =
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: ".cache/models/SmolLM2-135M-Instruct.Q4_1.gguf").path(percentEncoded: false)
    static var exists: Bool { FileManager.default.fileExists(atPath: path) }
}

@Suite("GGUF: a real model", .enabled(if: RealModel.exists, "no model file in .cache/models"))
struct GGUFRealFileTests {
    // Expected values: gguf-py's GGUFReader on the same file.
    @Test("the header says what the peer's reader says")
    func header() throws {
        let gguf = try GGUFFile(path: RealModel.path)
        #expect(gguf.version == 3)
        #expect(gguf.tensors.count == 272)
        #expect(gguf.metadata.entries.count == 33)
        #expect(gguf.dataOffset == 1_785_664)
        #expect(gguf.alignment == 32)
        #expect(gguf.trailingByteCount == 0)
        let embedding = try gguf.tensor(named: "token_embd.weight")
        #expect(embedding.shape == [49152, 576])
        #expect(embedding.elementType == .q8_0)
        #expect(embedding.byteOffset == 1_785_664)
        #expect(embedding.byteCount == 30_081_024)
        let down = try gguf.tensor(named: "blk.0.ffn_down.weight")
        #expect(down.dimensions == [1536, 576])
        #expect(down.rows == 576 && down.columns == 1536)
        #expect(down.byteOffset == 31_868_992)
        #expect(down.elementType == .q4_1)
        #expect(try gguf.metadata.string("general.architecture") == "llama")
        #expect(try gguf.metadata.float("llama.attention.layer_norm_rms_epsilon") == 9.999999747378752e-06)
    }

    @Test("the header and the whole vocabulary are read in less than 100 ms")
    func speed() throws {
        var best = Duration.seconds(1)
        for _ in 0..<3 {
            best = min(
                best,
                try ContinuousClock().measure {
                    let gguf = try GGUFFile(path: RealModel.path)
                    #expect(try gguf.metadata.stringArray("tokenizer.ggml.tokens").count == 49152)
                    #expect(try gguf.metadata.stringArray("tokenizer.ggml.merges").count == 48900)
                    #expect(try gguf.metadata.int32Array("tokenizer.ggml.token_type").count == 49152)
                })
        }
        print("header and vocabulary: \(best)")
        #expect(best < .milliseconds(100))
    }
}
