import Diagnostics
import Foundation
import ModelFiles
import Testing

/// A folder that is removed when the last reference to it goes.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/model-files-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes `bytes` as `name` and returns the path.
    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = path + "/" + name
        try Data(bytes).write(to: URL(filePath: file))
        return file
    }
}

/// The golden files beside these tests.
enum Golden {
    static func path(_ name: String) throws -> String {
        let root = try #require(Bundle.module.resourcePath)
        return "\(root)/Golden/\(name)"
    }

    static func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: try path(name)))) }
}

/// Random numbers from a seed (SplitMix64), so that a failing mutation can be made again.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Changes up to four bytes of `bytes`, cuts them, or doubles a part.
func mutated(_ bytes: [UInt8], headerByteCount: Int, by generator: inout SeededGenerator) -> [UInt8] {
    var result = bytes
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let index = Int.random(in: 0..<min(headerByteCount, result.count), using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: result[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1:
            result[index] =
                [0, 1, 0x7F, 0x80, 0xFF, 0x22, 0x2C, 0x30, 0x39, 0x7D].randomElement(using: &generator) ?? 0
        case 2: result[index] = UInt8.random(in: 0...255, using: &generator)
        case 3: result.removeSubrange(index..<min(result.count, index + Int.random(in: 1...8, using: &generator)))
        default:
            let end = min(result.count, index + Int.random(in: 1...8, using: &generator))
            result.insert(contentsOf: result[index..<end], at: index)
        }
        if result.isEmpty { return [0] }
    }
    return result
}

/// Little-endian bytes of an integer.
func little(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// A GGUF string: its length, then its bytes.
func text(_ value: String) -> [UInt8] { little(UInt64(value.utf8.count)) + Array(value.utf8) }

/// Writes GGUF files, right and wrong ones.
struct GGUFBuilder {
    struct Tensor {
        var name: [UInt8]
        var dimensions: [UInt64]
        var type: UInt32 = 0
        var data: [UInt8]
        var offset: UInt64?
    }

    var magic = Array("GGUF".utf8)
    var version: UInt32 = 3
    var tensorCount: UInt64?
    var keyCount: UInt64?
    /// Keys with the bytes of their type and value.
    var keys: [(key: [UInt8], value: [UInt8])] = []
    var tensors: [Tensor] = []
    var alignment = 32

    mutating func set(_ key: String, type: GGUFValueType, _ value: [UInt8]) {
        keys.removeAll { $0.key == Array(key.utf8) }
        keys.append((Array(key.utf8), little(type.rawValue) + value))
    }
    mutating func set(_ key: String, _ value: String) { set(key, type: .string, text(value)) }
    mutating func set(_ key: String, _ value: UInt32) { set(key, type: .uint32, little(value)) }
    mutating func set(_ key: String, _ value: Float) { set(key, type: .float32, little(value.bitPattern)) }
    mutating func set(_ key: String, _ value: [String]) {
        set(key, type: .array, little(UInt32(8)) + little(UInt64(value.count)) + value.flatMap { text($0) })
    }
    mutating func remove(_ key: String) { keys.removeAll { $0.key == Array(key.utf8) } }

    /// Adds an F32 tensor with all values 0.5.
    mutating func add(_ name: String, _ dimensions: [Int]) {
        let count = dimensions.reduce(1, *)
        tensors.append(
            Tensor(
                name: Array(name.utf8), dimensions: dimensions.map { UInt64($0) },
                data: (0..<count).flatMap { _ in little(Float(0.5).bitPattern) }))
    }

    func bytes() -> [UInt8] {
        var header = magic + little(version) + little(tensorCount ?? UInt64(tensors.count))
        header += little(keyCount ?? UInt64(keys.count))
        for (key, value) in keys { header += little(UInt64(key.count)) + key + value }
        var data: [UInt8] = []
        for tensor in tensors {
            header += little(UInt64(tensor.name.count)) + tensor.name
            header += little(UInt32(tensor.dimensions.count)) + tensor.dimensions.flatMap { little($0) }
            header += little(tensor.type) + little(tensor.offset ?? UInt64(data.count))
            data += tensor.data
            data += [UInt8](repeating: 0, count: (alignment - data.count % alignment) % alignment)
        }
        if !tensors.isEmpty {
            header += [UInt8](repeating: 0, count: (alignment - header.count % alignment) % alignment)
        }
        return header + data
    }

    /// A whole llama model of one layer: width 8, two heads of 4, one key-value head, feed-forward 12, 5 tokens.
    static func llama() -> GGUFBuilder {
        var file = GGUFBuilder()
        file.set("general.architecture", "llama")
        file.set("llama.block_count", UInt32(1))
        file.set("llama.context_length", UInt32(64))
        file.set("llama.embedding_length", UInt32(8))
        file.set("llama.feed_forward_length", UInt32(12))
        file.set("llama.attention.head_count", UInt32(2))
        file.set("llama.attention.head_count_kv", UInt32(1))
        file.set("llama.attention.layer_norm_rms_epsilon", Float(1e-5))
        file.set("llama.rope.freq_base", Float(100_000))
        file.set("tokenizer.ggml.model", "gpt2")
        file.set("tokenizer.ggml.tokens", ["a", "b", "c", "d", "e"])
        file.add("token_embd.weight", [8, 5])
        file.add("output_norm.weight", [8])
        file.add("blk.0.attn_norm.weight", [8])
        file.add("blk.0.ffn_norm.weight", [8])
        file.add("blk.0.attn_q.weight", [8, 8])
        file.add("blk.0.attn_k.weight", [8, 4])
        file.add("blk.0.attn_v.weight", [8, 4])
        file.add("blk.0.attn_output.weight", [8, 8])
        file.add("blk.0.ffn_gate.weight", [8, 12])
        file.add("blk.0.ffn_up.weight", [8, 12])
        file.add("blk.0.ffn_down.weight", [12, 8])
        return file
    }
}

/// The refusal of `work`, or nil if it succeeds.
func refusal(of work: () throws -> Void) -> Refusal? {
    do {
        try work()
        return nil
    } catch let refusal as Refusal {
        return refusal
    } catch {
        Issue.record("an error that is no Refusal: \(error)")
        return nil
    }
}

/// The refusal of a GGUF file with `bytes`, or nil if it is read.
func ggufRefusal(_ bytes: [UInt8], configured: Bool = false, in folder: TemporaryFolder) throws -> Refusal? {
    let path = try folder.file("model.gguf", bytes)
    return refusal {
        let file = try GGUFFile(path: path)
        if configured {
            _ = try ModelConfiguration(file)
            _ = try file.vocabulary()
        }
    }
}

/// Expects a refusal with `code` whose words hold all of `words`.
func expect(
    _ refusal: Refusal?, _ code: String, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
) {
    guard let refusal else {
        Issue.record("it was accepted; \(code) is wanted", sourceLocation: sourceLocation)
        return
    }
    #expect(refusal.code == code, "\(refusal)", sourceLocation: sourceLocation)
    for word in words {
        #expect(refusal.description.contains(word), "\(refusal) lacks \"\(word)\"", sourceLocation: sourceLocation)
    }
    #expect(!refusal.location.isEmpty && !refusal.remedy.isEmpty, sourceLocation: sourceLocation)
}
