import Foundation
import Testing

@testable import Tokenization

@Suite("Against peers' fixtures, where these files are at hand")
struct PeerFixtureTests {
    /// llama.cpp's vocabulary fixtures: texts between marks, token ids one line a text.
    @Test(
        "llama.cpp's 47 strings get llama.cpp's tokens",
        .enabled(
            if: TestData.sharedTokenizer("ggml-vocab-gpt-2.gguf") != nil,
            "no tokenizers/ in ../shared/data or in OVERREAD_SHARED_DATA"),
        arguments: ["gpt-2", "starcoder"])
    func vocabularyFixture(name: String) throws {
        let path = try #require(TestData.sharedTokenizer("ggml-vocab-\(name).gguf"))
        let definition = try GGUFMetadata(contentsOf: path).tokenizerDefinition
        #expect(definition.preTokenizer == name)
        let tokenizer = try Tokenizer(definition)
        let texts = try String(contentsOfFile: path + ".inp", encoding: .utf8)
            .components(separatedBy: "\n__ggml_vocab_test__\n")
        let lines = try String(contentsOfFile: path + ".out", encoding: .utf8).components(separatedBy: "\n")
        #expect(texts.count == 47 && lines.count >= 47)
        for (text, line) in zip(texts, lines) {
            let expected = line.split(separator: " ").compactMap { TokenID($0) }
            #expect(tokenizer.encode(text, parsingSpecialTokens: false) == expected)
            #expect(tokenizer.decodeBytes(expected) == Array(text.utf8))
        }
    }

    /// What `tokenizers` 0.23.3 gives with SmolLM2's vocabulary, `Digits(individual_digits=True)` and `ByteLevel`.
    static let smolLM2Cases: [(text: String, tokens: [TokenID])] = [
        ("No pleural effusion or pneumothorax.", [5230, 4989, 867, 745, 3919, 355, 11856, 789, 270, 951, 30]),
        (
            "7 mm nodule, 3.4 x 2.1 cm",
            [39, 7610, 11509, 1951, 28, 216, 35, 30, 36, 1792, 216, 34, 30, 33, 5973]
        ),
        ("<|im_start|>user\nhi<|im_end|>\n", [1, 4093, 198, 6004, 2, 198]),
        ("µm² ±0.5 °C", [39269, 93, 19133, 17004, 32, 30, 37, 13518, 51]),
        ("肺炎 👩‍⚕️", [179, 220, 135, 178, 220, 232, 15107, 235, 119, 321, 231, 173, 244, 239, 31752]),
        ("a\u{4}b", [81, 82]),
        ("a   5", [81, 333, 37]),
        ("CT 2024-01-05", [5335, 216, 34, 32, 34, 36, 29, 32, 33, 29, 32, 37]),
    ]

    @Test(
        "SmolLM2's tokens are Hugging Face's, and its template is known",
        .enabled(if: TestData.smolLM2 != nil, "no .cache/models/SmolLM2-135M-Instruct.Q4_1.gguf"))
    func smolLM2() throws {
        let definition = try GGUFMetadata(contentsOf: #require(TestData.smolLM2)).tokenizerDefinition
        let tokenizer = try Tokenizer(definition)
        for (text, tokens) in Self.smolLM2Cases { #expect(tokenizer.encode(text) == tokens) }
        #expect(tokenizer.vocabularySize == 49152)
        #expect(tokenizer.endOfTurnTokenID == 2)
        #expect(tokenizer.bytesWithoutToken.filter { $0 < 0x80 } == [0x04, 0x06, 0x13, 0x14, 0x16, 0x1D])
        #expect(try ChatTemplate.detect(fromJinja: definition.chatTemplate) == .smolLM2)
    }
}
