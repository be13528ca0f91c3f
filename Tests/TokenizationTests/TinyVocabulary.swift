import Diagnostics
import Foundation
import Testing

@testable import Tokenization

/// A vocabulary made by hand: three control tokens, a user-defined one, the 256 bytes (token = 4 + byte), 14 merges.
enum TinyVocabulary {
    static let merges = [
        "h e", "l l", "he ll", "hell o", "Ġ w", "o r", "Ġw or", "l d", "Ġwor ld", "Ġ Ġ", "ĠĠ ĠĠ", "m m", "Ġ mm", "Ã ©",
    ]
    static let hello: TokenID = 263
    static let hell: TokenID = 262
    static let world: TokenID = 268

    static func definition(preTokenizer: String = "smollm", without bytes: Set<UInt8> = []) -> TokenizerDefinition {
        let added = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "[mm]"]
        let alphabet = (0...255).map { ByteAlphabet.spelling(of: [UInt8($0)]) }
        let merged = merges.map { $0.filter { $0 != " " } }
        var types: [Int32] = [3, 3, 3, 4] + Array(repeating: 1, count: 256 + merged.count)
        for byte in bytes { types[4 + Int(byte)] = 5 }
        return TokenizerDefinition(
            tokens: added + alphabet + merged, tokenTypes: types, merges: merges, preTokenizer: preTokenizer,
            bosTokenID: 1, eosTokenID: 0)
    }

    static func tokenizer(preTokenizer: String = "smollm") throws -> Tokenizer {
        try Tokenizer(definition(preTokenizer: preTokenizer))
    }

    /// The tokens of ASCII letters that merge with nothing.
    static func bytes(_ text: String) -> [TokenID] { text.utf8.map { 4 + TokenID($0) } }
}

/// A generator whose whole sequence follows from its seed: SplitMix64 of Steele, Lea and Flood 2014.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension SeededGenerator {
    /// Text of the kinds of character that matter to the pre-tokenizers.
    mutating func text() -> String {
        let kinds: [ClosedRange<UInt32>] = [
            0x20...0x7E, 0x61...0x7A, 0x20...0x20, 0x09...0x0D, 0x30...0x39, 0x80...0x24F, 0x300...0x36F, 0x660...0x669,
            0x2000...0x200F, 0x2150...0x2189, 0x4E00...0x4FFF, 0x1F300...0x1FAFF, 0x10000...0x10FFFF,
        ]
        let words = ["hello", " world", "  ", "mm", " mm", "'s", "é", "<|im_end|>", "<|im_", "end|>", "[mm]", "🫁"]
        var text = ""
        for _ in 0..<Int.random(in: 0...30, using: &self) {
            if Bool.random(using: &self), let word = words.randomElement(using: &self) {
                text += word
            } else if let kind = kinds.randomElement(using: &self) {
                Unicode.Scalar(UInt32.random(in: kind, using: &self)).map { text.unicodeScalars.append($0) }
            }
        }
        return text
    }
}

/// Where tests find files that are not part of the package.
enum TestData {
    private static let packageRoot = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The SmolLM2 model below the package's root, or nil.
    static let smolLM2: String? = existing(
        packageRoot.appendingPathComponent(".cache/models/SmolLM2-135M-Instruct.Q4_1.gguf"))

    /// A file of the shared tokenizer fixtures, or nil.
    static func sharedTokenizer(_ name: String) -> String? {
        let named = ProcessInfo.processInfo.environment["OVERREAD_SHARED_DATA"].map { URL(fileURLWithPath: $0) }
        let beside = packageRoot.deletingLastPathComponent().appendingPathComponent("shared/data")
        return existing((named ?? beside).appendingPathComponent("tokenizers/\(name)"))
    }

    private static func existing(_ url: URL) -> String? {
        FileManager.default.fileExists(atPath: url.path) ? url.path : nil
    }
}
