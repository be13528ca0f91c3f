import Foundation
import Kernels
import ModelFiles
import Testing
import Tokenization

@testable import Transformer

@Suite("Writing answers to several prompts at once")
struct GenerationTests {
    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures").path
    /// Prompts of many lengths with a common beginning; two are the same.
    private static let prompts: [[TokenID]] = [
        [1, 40, 41, 42, 50], [1, 40, 41, 42, 51, 52, 53], [1, 40, 41, 42, 50],
        [1, 40, 41, 42] + (0..<40).map { 60 + $0 },
        [1, 40, 41, 42, 70, 71], [1, 40, 41, 42] + (0..<33).map { 90 - $0 }, [1, 40, 41, 42, 80],
    ]

    private static func model(threads: Int = 2) throws -> DecoderModel {
        try DecoderModel(path: "\(fixtures)/models/tiny-f32.gguf", workers: Workers(threads))
    }

    private static func write(
        _ prompts: [[TokenID]], _ model: DecoderModel, _ options: GenerationOptions
    ) throws -> [[TokenID]] {
        try TextGenerator(model: model).generate(prompts, options: options).map(\.tokens)
    }

    @Test("an answer is the same whatever is written beside it, greedy and drawn", arguments: [0, 1.5])
    func composition(temperature: Double) throws {
        let model = try Self.model()
        var options = GenerationOptions(maxNewTokens: 24, temperature: temperature, seed: 11)
        let all = try Self.write(Self.prompts, model, options)
        #expect(all.contains { $0.count > 8 } && Set(all).count > 4)
        for batch in [1, 2, 3] {
            options.batchSize = batch
            #expect(try Self.write(Self.prompts, model, options) == all)
        }
        options.batchSize = 64
        for (index, prompt) in Self.prompts.enumerated() where index != 2 {
            #expect(try Self.write([prompt], model, options) == [all[index]], "prompt \(index) alone")
        }
        let order = [6, 3, 0, 5, 1]
        #expect(try Self.write(order.map { Self.prompts[$0] }, model, options) == order.map { all[$0] })
    }

    @Test("a prompt that is asked twice draws two answers, and the same two again")
    func twice() throws {
        let model = try Self.model()
        let options = GenerationOptions(maxNewTokens: 16, temperature: 2, seed: 3)
        let answers = try Self.write([Self.prompts[0], Self.prompts[0]], model, options)
        #expect(answers[0] != answers[1])
        #expect(try Self.write([Self.prompts[0], Self.prompts[0]], model, options) == answers)
    }

    @Test("with remembered keys and values each token is the most probable one of a whole pass")
    func cache() throws {
        let model = try Self.model()
        let answers = try Self.write(Self.prompts, model, GenerationOptions(maxNewTokens: 12))
        for (prompt, answer) in zip(Self.prompts, answers) {
            var packed = PackedTokens()
            packed.append(prompt + answer + [0], scoredFrom: prompt.count)
            var rows: [[Float]] = []
            DecoderPass(model: model).forEachLogits(of: packed, adapter: nil) { _, logits in rows.append(logits) }
            for (token, logits) in zip(answer, rows) {
                let largest = logits.max() ?? 0
                #expect(logits[Int(token)] >= largest - 1e-5)
            }
        }
    }

    @Test("a stop string ends an answer and is not part of it")
    func stopString() throws {
        let model = try Self.model()
        let whole = try TextGenerator(model: model).generate(
            [Self.prompts[1]], options: GenerationOptions(maxNewTokens: 24))[0]
        #expect(whole.finishReason == .length)
        let middle = whole.text.index(whole.text.startIndex, offsetBy: whole.text.count / 2)
        let stop = String(whole.text[middle...].prefix(2))
        let first = try #require(whole.text.firstRange(of: stop))
        let cut = try TextGenerator(model: model).generate(
            [Self.prompts[1]], options: GenerationOptions(maxNewTokens: 24, stopStrings: ["never", stop]))[0]
        #expect(cut.finishReason == .stopString && cut.tokens.count < whole.tokens.count)
        #expect(cut.text == String(whole.text[..<first.lowerBound]))
    }

    @Test("a prompt without tokens or as long as the context is refused by its number")
    func refused() throws {
        let model = try Self.model()
        let long = [TokenID](repeating: 40, count: model.configuration.maxPositionEmbeddings)
        for bad in [[], long] {
            do {
                _ = try Self.write([Self.prompts[0], bad], model, GenerationOptions(maxNewTokens: 2))
                Issue.record("taken: \(bad.count) tokens")
            } catch {
                #expect("\(error)".contains("prompt 2"))
            }
        }
    }
}
