import Foundation
import Tokenization

@testable import Transformer

/// Four pairs for the tiny models, whose prompts begin alike: short, of unequal lengths, one of them the beginning alone.
enum TinyPairs {
    /// The folder of the tests' fixtures.
    static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures").path
    /// What all prompts begin with.
    static let root: [TokenID] = [1, 40, 41, 42, 43, 44, 45, 46, 47]
    static let all: [(prompt: [TokenID], chosen: [TokenID], rejected: [TokenID])] = [
        (root + [60, 61, 62], [70, 71, 2], [72, 2]), (root + [63], [73, 2], [74, 75, 76, 2]),
        (root, [77, 78, 2], [79, 2]), (root + [64, 65], [90, 91, 92, 93, 2], [90, 91, 94, 2]),
    ]

    /// All of them in one pass behind their root.
    static var packed: PackedTokens {
        var packed = PackedTokens(root: root)
        for pair in all { packed.append(prompt: pair.prompt, chosen: pair.chosen, rejected: pair.rejected) }
        return packed
    }
}
