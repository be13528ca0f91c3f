import Testing

@testable import Tokenization

@Suite("Merging the bytes of a word")
struct BytePairEncodingTests {
    @Test("The most urgent merge comes first, the leftmost of equally urgent ones")
    func order() throws {
        let tokenizer = try TinyVocabulary.tokenizer()
        #expect(tokenizer.encode("hello") == [TinyVocabulary.hello])
        #expect(tokenizer.encode("helllo") == [TinyVocabulary.hell] + TinyVocabulary.bytes("lo"))
        #expect(tokenizer.encode("mmm") == [271] + TinyVocabulary.bytes("m"))
        #expect(tokenizer.encode("\u{E9}") == [273])
        #expect(tokenizer.encode("     x") == [270] + TinyVocabulary.bytes(" x"))
    }

    /// Merges by scanning the whole word for the most urgent pair, again and again.
    private func mergeBySearch(_ word: [TokenID], _ merges: MergeTable) -> [TokenID] {
        var symbols = word
        while true {
            var best: (rank: UInt32, place: Int, token: TokenID)?
            for place in symbols.indices.dropLast() {
                guard let merge = merges.merge(symbols[place], symbols[place + 1]) else { continue }
                if merge.rank < best?.rank ?? .max { best = (merge.rank, place, merge.token) }
            }
            guard let best else { return symbols }
            symbols.replaceSubrange(best.place...(best.place + 1), with: [best.token])
        }
    }

    @Test("The heap gives what a search for the most urgent pair gives", arguments: [1, 2, 3, 4, 5] as [UInt64])
    func againstSearch(seed: UInt64) {
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        // Random merges over the bytes a...d: each pair of tokens so far may become a new token.
        var merges = MergeTable(capacity: 60)
        let byteTokens = (0..<256).map { TokenID($0) }
        var tokens: [TokenID] = [97, 98, 99, 100]
        for rank in 0..<60 as Range<UInt32> {
            guard let left = tokens.randomElement(using: &generator),
                let right = tokens.randomElement(using: &generator),
                merges.insert(left, right, rank: rank, token: 256 + TokenID(rank))
            else { continue }
            tokens.append(256 + TokenID(rank))
        }
        var encoding = BytePairEncoding(merges: merges)
        var merged = 0
        for _ in 0..<300 {
            let length = Int.random(in: 0...60, using: &generator)
            let word = (0..<length).map { _ in UInt8.random(in: 97...100, using: &generator) }
            var found: [TokenID] = []
            encoding.encode(word, word.indices, byteTokens: byteTokens, into: &found)
            #expect(found == mergeBySearch(word.map { TokenID($0) }, merges))
            merged += length - found.count
        }
        #expect(merged > 1000)
    }

    @Test("A word of 400,000 bytes takes well under the minute that a search for each merge would")
    func longWord() throws {
        let tokenizer = try TinyVocabulary.tokenizer()
        let bytes = [UInt8](repeating: UInt8(ascii: "m"), count: 400_000)
        var count = 0
        let elapsed = ContinuousClock().measure { count = tokenizer.encode(bytes: bytes).count }
        #expect(count == 200_000)
        #expect(elapsed < .seconds(15))
    }
}
