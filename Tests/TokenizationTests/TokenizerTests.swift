import Diagnostics
import Testing

@testable import Tokenization

@Suite("Text to tokens and back")
struct TokenizerTests {
    @Test("Words become their tokens, numerals one by one, blanks with the next word")
    func workedCases() throws {
        let tokenizer = try TinyVocabulary.tokenizer()
        #expect(tokenizer.encode("") == [])
        #expect(tokenizer.encode("hello world") == [TinyVocabulary.hello, TinyVocabulary.world])
        #expect(tokenizer.encode("12 mm") == TinyVocabulary.bytes("12") + [272])
        #expect(tokenizer.decode([TinyVocabulary.hello, TinyVocabulary.world]) == "hello world")
        #expect(tokenizer.vocabularySize == 4 + 256 + 14)
        #expect(tokenizer.bosTokenID == 1)
        #expect(tokenizer.eosTokenID == 0)
        #expect(tokenizer.endOfTurnTokenID == 2)
        #expect(tokenizer.id(ofToken: "Ġworld") == TinyVocabulary.world)
        #expect(tokenizer.id(ofToken: "<|im_start|>") == 1)
        #expect(tokenizer.id(ofToken: "no such token") == nil)
    }

    @Test("Control tokens are split out only when asked, user-defined ones always")
    func specialTokens() throws {
        let tokenizer = try TinyVocabulary.tokenizer()
        let text = "x<|im_end|>[mm]"
        #expect(tokenizer.encode(text) == TinyVocabulary.bytes("x") + [2, 3])
        let plain = tokenizer.encode(text, parsingSpecialTokens: false)
        #expect(plain.last == 3)
        #expect(!plain.contains { tokenizer.isSpecial($0) })
        #expect(tokenizer.decode(plain) == text)
        #expect(tokenizer.isSpecial(2) && !tokenizer.isSpecial(3) && !tokenizer.isSpecial(4))
        #expect(tokenizer.decode([2, 3], skippingSpecialTokens: true) == "[mm]")
        #expect(tokenizer.decode([2, 3]) == "<|im_end|>[mm]")
    }

    @Test("Of tokens in a text the leftmost counts, then the longest")
    func leftmostLongest() throws {
        let matcher = SpecialTokenMatcher([(Array("ab".utf8), 1), (Array("abc".utf8), 2), (Array("bcd".utf8), 3)])
        let first = try #require(matcher.first(in: Array("xabcd".utf8), from: 0))
        #expect(first.token == 2 && first.range == 1..<4)
        #expect(matcher.first(in: Array("xabcd".utf8), from: 2)?.token == 3)
        #expect(matcher.first(in: Array("xab".utf8), from: 0)?.token == 1)
        #expect(matcher.first(in: Array("xa".utf8), from: 0) == nil)
    }

    @Test("A byte without a token is left out before merging, and named")
    func missingByte() throws {
        let tokenizer = try Tokenizer(TinyVocabulary.definition(without: [0x21]))
        #expect(tokenizer.bytesWithoutToken == [0x21])
        #expect(tokenizer.encode("#!#") == TinyVocabulary.bytes("##"))
        #expect(try TinyVocabulary.tokenizer().bytesWithoutToken.isEmpty)
    }

    @Test("Any bytes come back as they were", arguments: [11, 12] as [UInt64])
    func roundTripOfBytes(seed: UInt64) throws {
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for name in ["smollm", "gpt-2"] {
            let tokenizer = try TinyVocabulary.tokenizer(preTokenizer: name)
            for _ in 0..<500 {
                let length = Int.random(in: 0...50, using: &generator)
                let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
                #expect(tokenizer.decodeBytes(tokenizer.encode(bytes: bytes)) == bytes)
            }
        }
    }

    @Test("Any text comes back as it was, special tokens or not", arguments: [21, 22] as [UInt64])
    func roundTripOfText(seed: UInt64) throws {
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let tokenizer = try TinyVocabulary.tokenizer()
        for _ in 0..<1000 {
            let text = generator.text()
            for parsing in [true, false] {
                let tokens = tokenizer.encode(text, parsingSpecialTokens: parsing)
                #expect(Array(tokenizer.decode(tokens).utf8) == Array(text.utf8))
                #expect(parsing || !tokens.contains { tokenizer.isSpecial($0) })
            }
        }
    }

    @Test("A token that spans the boundary is split there, and the case is told")
    func boundary() throws {
        let tokenizer = try TinyVocabulary.tokenizer()
        #expect(
            tokenizer.encodeCompletion(prompt: "hello", completion: " world")
                == EncodedCompletion(
                    prompt: [TinyVocabulary.hello], completion: [TinyVocabulary.world], boundary: .joint))
        #expect(
            tokenizer.encodeCompletion(prompt: "hell", completion: "o")
                == EncodedCompletion(
                    prompt: [TinyVocabulary.hell], completion: TinyVocabulary.bytes("o"), boundary: .separate))
        #expect(tokenizer.encodeCompletion(prompt: "<|im_", completion: "end|>").boundary == .separate)
    }

    @Test("Prompt and completion decode to the whole text, and the prompt's tokens are its own", arguments: [31, 32])
    func boundaryOfAnyText(seed: UInt64) throws {
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let tokenizer = try TinyVocabulary.tokenizer()
        var separate = 0
        for _ in 0..<1000 {
            let prompt = generator.text()
            let completion = generator.text()
            let pair = tokenizer.encodeCompletion(prompt: prompt, completion: completion)
            #expect(pair.prompt == tokenizer.encode(prompt))
            let bytes = tokenizer.decodeBytes(pair.prompt) + tokenizer.decodeBytes(pair.completion)
            #expect(bytes == Array(prompt.utf8) + Array(completion.utf8))
            if pair.boundary == .joint {
                #expect(
                    pair.prompt + pair.completion == tokenizer.encode(bytes: bytes))
            } else {
                separate += 1
            }
        }
        #expect(separate > 0 && separate < 1000)
    }

    @Test("The canonical bytes change with everything that changes tokens, and with nothing else")
    func canonicalBytes() throws {
        let definition = TinyVocabulary.definition()
        let bytes = try Tokenizer(definition).canonicalBytes
        #expect(bytes.starts(with: Array("overread tokenizer 1\n".utf8)))
        #expect(try Tokenizer(TinyVocabulary.definition(preTokenizer: "starcoder")).canonicalBytes == bytes)
        let changes: [(inout TokenizerDefinition) -> Void] = [
            { $0.preTokenizer = "gpt-2" }, { $0.merges.swapAt(0, 1) }, { $0.merges.removeLast() },
            { $0.tokens[3] = "[mn]" }, { $0.tokenTypes[3] = 3 }, { $0.eosTokenID = nil }, { $0.addBOS = true },
        ]
        for change in changes {
            var changed = definition
            change(&changed)
            #expect(try Tokenizer(changed).canonicalBytes != bytes)
        }
        var other = definition
        other.chatTemplate = "x"
        #expect(try Tokenizer(other).canonicalBytes == bytes)
    }
}

@Suite("Definitions that are refused")
struct DefinitionTests {
    static let mistakes: [(code: String, place: String, change: @Sendable (inout TokenizerDefinition) -> Void)] = [
        ("tokenizer.model", "tokenizer.ggml.model", { $0.model = "llama" }),
        ("tokenizer.pre_tokenizer", "tokenizer.ggml.pre", { $0.preTokenizer = "qwen2" }),
        ("tokenizer.tokens", "tokenizer.ggml.tokens", { $0.tokens = [] }),
        ("tokenizer.tokens", "tokenizer.ggml.tokens[5]", { $0.tokens[5] = "" }),
        ("tokenizer.tokens", "tokenizer.ggml.tokens[260]", { $0.tokens[260] = "h" }),
        ("tokenizer.tokens", "tokenizer.ggml.tokens[3]", { $0.tokens[3] = "<|im_end|>" }),
        ("tokenizer.token_types", "tokenizer.ggml.token_type", { $0.tokenTypes.removeLast() }),
        ("tokenizer.token_types", "tokenizer.ggml.token_type[7]", { $0.tokenTypes[7] = 6 }),
        ("tokenizer.token_types", "tokenizer.ggml.token_type[7]", { $0.tokenTypes[7] = -1 }),
        ("tokenizer.merge", "tokenizer.ggml.merges[1]", { $0.merges[1] = "ll" }),
        ("tokenizer.merge", "tokenizer.ggml.merges[1]", { $0.merges[1] = "l " }),
        ("tokenizer.merge", "tokenizer.ggml.merges[1]", { $0.merges[1] = "l l l" }),
        ("tokenizer.merge", "tokenizer.ggml.merges[1]", { $0.merges[1] = "l z" }),
        ("tokenizer.merge", "tokenizer.ggml.merges[1]", { $0.merges[1] = "h e" }),
        ("tokenizer.token_id", "tokenizer.ggml.bos_token_id", { $0.bosTokenID = -1 }),
        ("tokenizer.token_id", "tokenizer.ggml.eos_token_id", { $0.eosTokenID = 274 }),
        ("tokenizer.token_id", "tokenizer.ggml.padding_token_id", { $0.paddingTokenID = .max }),
    ]

    @Test("Each mistake is refused with its place", arguments: mistakes.indices)
    func refused(index: Int) {
        let (code, place, change) = Self.mistakes[index]
        var definition = TinyVocabulary.definition()
        change(&definition)
        let refusal = #expect(throws: Refusal.self) { try Tokenizer(definition) }
        #expect(refusal?.code == code)
        #expect(refusal?.location == place)
        #expect(refusal?.kind == .badInput)
    }

    @Test("The alphabet is GPT-2's: a character for each byte and back")
    func alphabet() {
        #expect(ByteAlphabet.spelling(of: [0x20, 0x0A, 0x41, 0xAD, 0xFF, 0x7F]) == "ĠĊA\u{143}ÿ\u{121}")
        let all = (0...255).map { UInt8($0) }
        #expect(ByteAlphabet.bytes(ofSpelling: ByteAlphabet.spelling(of: all)[...]) == all)
        #expect(ByteAlphabet.bytes(ofSpelling: "a b") == nil)
    }
}
