import Diagnostics
import Testing

@testable import Tokenization

@Suite("Cutting text into words")
struct PreTokenizerTests {
    private func words(_ text: String, _ name: String) throws -> [String] {
        let preTokenizer = try PreTokenizer(named: name)
        let bytes = Array(text.utf8)
        var words: [String] = []
        var start = 0
        while start < bytes.count {
            let end = preTokenizer.endOfWord(from: start, in: bytes, end: bytes.count)
            words.append(String(decoding: bytes[start..<end], as: UTF8.self))
            start = end
        }
        return words
    }

    /// Both columns are what `tokenizers` 0.23.3 gives with and without `Digits(individual_digits=True)`.
    static let cases: [(text: String, smollm: [String], gpt2: [String])] = [
        ("a   5", ["a", "   ", "5"], ["a", "  ", " 5"]),
        ("a   b", ["a", "  ", " b"], ["a", "  ", " b"]),
        ("x 12 mm", ["x", " ", "1", "2", " mm"], ["x", " 12", " mm"]),
        ("\n\n  5\n x", ["\n\n  ", "5", "\n", " x"], ["\n\n ", " 5", "\n", " x"]),
        (" \u{A0}a", [" ", "\u{A0}", "a"], [" ", "\u{A0}", "a"]),
        ("\u{A0}5", ["\u{A0}", "5"], ["\u{A0}", "5"]),
        ("Ⅳ²½", ["Ⅳ", "²", "½"], ["Ⅳ²½"]),
        ("!'s", ["!'", "s"], ["!'", "s"]),
        ("a\t\tb  ", ["a", "\t", "\t", "b", "  "], ["a", "\t", "\t", "b", "  "]),
        ("肺炎 12", ["肺炎", " ", "1", "2"], ["肺炎", " 12"]),
        ("e\u{301} x", ["e", "\u{301}", " x"], ["e", "\u{301}", " x"]),
        ("\u{200B} a", ["\u{200B}", " a"], ["\u{200B}", " a"]),
        (
            "don't we'll 'S they'veI'dn",
            ["don", "'t", " we", "'ll", " '", "S", " they", "'ve", "I", "'d", "n"],
            ["don", "'t", " we", "'ll", " '", "S", " they", "'ve", "I", "'d", "n"]
        ),
    ]

    @Test("The words are the peer's, with numerals cut out and without", arguments: cases)
    func wordsOfThePeer(text: String, smollm: [String], gpt2: [String]) throws {
        for (name, expected) in [("smollm", smollm), ("starcoder", smollm), ("gpt-2", gpt2), ("default", gpt2)] {
            let found = try words(text, name)
            #expect(found.map { Array($0.utf8) } == expected.map { Array($0.utf8) }, "\(name)")
        }
    }

    @Test("Ill-formed bytes are symbols of one byte each")
    func illFormedBytes() {
        let overlong: [UInt8] = [0xE0, 0x80, 0x80]
        let surrogate: [UInt8] = [0xED, 0xA0, 0x80]
        let cut: [UInt8] = [0xF0, 0x9F, 0xAB]
        for bytes in [overlong, surrogate, cut, [0xFF], [0x80], [0xF5, 0x80, 0x80, 0x80]] {
            let (kind, length) = ScalarClass.at(0, in: bytes, end: bytes.count)
            #expect(kind == .other && length == 1)
        }
    }

    @Test("A character is not read past the end of its stretch")
    func characterAtTheEnd() {
        let (kind, length) = ScalarClass.at(0, in: Array("é".utf8), end: 1)
        #expect(kind == .other && length == 1)
    }

    @Test("An unknown pre-tokenizer is refused by name, with those that are read")
    func unknownName() {
        let refusal = #expect(throws: Refusal.self) { try PreTokenizer(named: "llama-bpe") }
        #expect(refusal?.code == "tokenizer.pre_tokenizer")
        #expect(refusal?.problem == "\"llama-bpe\" is not read; read are smollm, starcoder, gpt-2, default")
    }
}
