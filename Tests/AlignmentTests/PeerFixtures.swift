import Alignment
import Diagnostics
import Foundation
import Kernels
import ModelFiles
import StrictJSON
import Tokenization
import Transformer

/// The golden files that transformers, PEFT and TRL made; `Tests/GoldenGenerators` holds the programs.
enum PeerFixtures {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let folder = root.appending(path: "Tests/Fixtures").path

    /// The real model, when it is in the cache.
    static let realModel = root.appending(path: ".cache/models/SmolLM2-135M-Instruct.Q4_1.gguf").path
    static var hasRealModel: Bool { FileManager.default.fileExists(atPath: realModel) }

    static func modelPath(_ name: String) -> String {
        name == "smollm2-135m" ? realModel : "\(folder)/models/\(name).gguf"
    }

    static func bytes(_ name: String) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else { return [] }
        return [UInt8](data)
    }

    static func json(_ name: String) throws -> JSONValue { try JSONValue(parsing: bytes(name), named: name) }

    /// The pairs of a file as text.
    static func examples(_ name: String) throws -> [PreferenceExample] {
        try bytes("pairs/\(name).jsonl").split(separator: UInt8(ascii: "\n")).enumerated().map { index, line in
            let value = try JSONValue(parsing: [UInt8](line), named: name, firstLine: index + 1)
            func text(_ key: String) throws -> ExampleText {
                if let plain = value[key]?.string { return .text(plain) }
                return .messages(
                    try (value[key]?.array ?? []).map {
                        try ChatMessage(
                            roleNamed: $0["role"]?.string ?? "", content: $0["content"]?.string ?? "", at: "fixture")
                    })
            }
            return PreferenceExample(
                id: "\(index)", prompt: try text("prompt"), chosen: try text("chosen"), rejected: try text("rejected"))
        }
    }

    static func encoder(_ model: DecoderModel, maxLength: Int? = nil) -> PairEncoder {
        PairEncoder(
            tokenizer: model.tokenizer, template: model.chatTemplate, maxLength: maxLength,
            contextLength: model.configuration.maxPositionEmbeddings)
    }

    /// The adapter that the generators' README defines: 24-bit values from SplitMix64 over the key's FNV-1a hash.
    static func filledAdapter(_ model: DecoderModel, rank: Int, alpha: Double, bScale: Float) -> LoRAAdapter {
        LoRAAdapter(
            configuration: model.configuration, rank: rank, alpha: alpha, usesRankStabilization: false,
            targets: Projection.allCases
        ) { (name, isA, shape) throws(Never) in
            var generator = SeededGenerator(seed: 0, stream: name)
            let scale = isA ? 1 / Double(shape.columns).squareRoot() : Double(bScale)
            let values = (0..<shape.rows * shape.columns).map { _ in
                Float((Double(generator.next() >> 40) / 16_777_216 * 2 - 1) * scale)
            }
            return Matrix(rows: shape.rows, columns: shape.columns, values: values)
        }
    }

    /// The models on which a test can run here.
    static var models: [String] { ["tiny-f32", "tiny-q4_1"] + (hasRealModel ? ["smollm2-135m"] : []) }
}

/// |a − b| relative to the larger of |b| and a floor below which only the absolute difference matters.
func relativeError(_ a: Double, _ b: Double, floor: Double = 1) -> Double { abs(a - b) / max(abs(b), floor) }
