import Testing

@testable import Tokenization

@Suite("Decoding as tokens arrive")
struct StreamingDecoderTests {
    @Test("A character comes out whole with its last byte")
    func wholeCharacters() throws {
        var decoder = StreamingDecoder(try TinyVocabulary.tokenizer())
        let lungs = Array("🫁".utf8).map { 4 + TokenID($0) }
        #expect(lungs.map { decoder.append($0) } == ["", "", "", "🫁"])
        #expect(decoder.append(TinyVocabulary.hello) == "hello")
        #expect(decoder.append(2) == "")
        #expect(decoder.append(lungs[0]) == "")
        #expect(decoder.finish() == "\u{FFFD}")
        #expect(decoder.finish() == "")
    }

    @Test("All pieces joined are the text decoded at once", arguments: [41, 42, 43] as [UInt64])
    func joined(seed: UInt64) throws {
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let tokenizer = try TinyVocabulary.tokenizer()
        let hard: [UInt8] = [0x41, 0xC3, 0xA9, 0xE0, 0xA0, 0x80, 0xED, 0x9F, 0xF0, 0x90, 0xF4, 0x8F, 0xFF, 0xC1]
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...12, using: &generator)).compactMap { _ in
                hard.randomElement(using: &generator)
            }
            let tokens = bytes.map { 4 + TokenID($0) }
            var decoder = StreamingDecoder(tokenizer)
            var text = ""
            for token in tokens { text += decoder.append(token) }
            text += decoder.finish()
            #expect(Array(text.utf8) == Array(tokenizer.decode(tokens).utf8))
        }
    }
}
