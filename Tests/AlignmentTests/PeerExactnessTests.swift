import Alignment
import Kernels
import ModelFiles
import StrictJSON
import Testing
import Tokenization
import Transformer

/// What TRL, PEFT and transformers compute from the same GGUF file, dequantised to fp32.
@Suite("Exactness against the peers", .serialized)
struct PeerExactnessTests {
    /// Sums of a hundred log-probabilities in fp32 on both sides.
    static let relativeTolerance = 1e-3

    @Test("the real model's tests run when its file is in the cache", .enabled(if: PeerFixtures.hasRealModel))
    func realModelIsThere() { #expect(PeerFixtures.models.contains("smollm2-135m")) }

    @Test(
        "every text of the fixture has the peer's token ids",
        arguments: PeerFixtures.models.filter { $0 != "tiny-q4_1" })
    func tokenIDs(name: String) throws {
        let model = try DecoderModel(path: PeerFixtures.modelPath(name))
        let prefix = name == "tiny-f32" ? "tiny" : name
        let texts = try #require(try PeerFixtures.json("tokens/\(prefix).tokens.json").array)
        #expect(texts.count >= 200)
        for item in texts {
            let text = try #require(item["text"]?.string)
            let ids = try #require(item["ids"]?.array).compactMap(\.int).map(TokenID.init)
            #expect(model.tokenizer.encode(text, parsingSpecialTokens: item["special"]?.bool ?? true) == ids)
        }
        for chat in try #require(try PeerFixtures.json("tokens/\(prefix).chats.json").array) {
            let messages = try #require(chat["messages"]?.array).map {
                try ChatMessage(
                    roleNamed: $0["role"]?.string ?? "", content: $0["content"]?.string ?? "", at: "fixture")
            }
            // Text that holds the template's own marks is refused here and passed on by the peer.
            if messages.contains(where: { $0.content.contains("<|im_") }) { continue }
            let rendered = try model.chatTemplate.render(
                messages, addGenerationPrompt: chat["add_generation_prompt"]?.bool ?? false)
            #expect(rendered == chat["text"]?.string)
            #expect(model.tokenizer.encode(rendered) == chat["ids"]?.array?.compactMap(\.int).map(TokenID.init))
        }
    }

    @Test("known text has the peer's perplexity, token by token", arguments: PeerFixtures.models)
    func perplexity(name: String) throws {
        let model = try DecoderModel(path: PeerFixtures.modelPath(name))
        let golden = try PeerFixtures.json("forward/\(name).perplexity.json")
        let ids = try #require(golden["ids"]?.array).compactMap(\.int).map(TokenID.init)
        var packed = PackedTokens()
        packed.append(ids, scoredFrom: 1)
        let scored = DecoderPass(model: model).logProbabilities(of: packed, adapter: nil, forBackward: false)
        let expected = try #require(golden["token_nll"]?.array).compactMap(\.double)
        #expect(scored.logProbabilities.count == expected.count)
        for (value, nll) in zip(scored.logProbabilities, expected) { #expect(abs(-value - nll) < 2e-3) }
        let mean = -scored.logProbabilities.reduce(0, +) / Double(expected.count)
        #expect(relativeError(mean, try #require(golden["mean_nll"]?.double), floor: 0) < 1e-4)
    }

    @Test(
        "pairs have TRL's token ids and summed log-probabilities, base and adapter", arguments: PeerFixtures.models,
        ["pairs", "pairs-plain"])
    func pairs(name: String, file: String) throws {
        guard name != "tiny-q4_1" else { return }  // its fixture is the run below
        let model = try DecoderModel(path: PeerFixtures.modelPath(name))
        let golden = try #require(try PeerFixtures.json("pairs/\(name).\(file).json").array)
        let encoder = PeerFixtures.encoder(model)
        let pairs = try PeerFixtures.examples(file).map { try encoder.encode($0) }
        #expect(pairs.count == golden.count)
        let adapter =
            name == "tiny-f32"
            ? try LoRAAdapter(directory: "\(PeerFixtures.folder)/adapters/tiny-trained", for: model.configuration)
            : PeerFixtures.filledAdapter(model, rank: 2, alpha: 4, bScale: 0.01)
        let reference = PairScorer(model: model).score(pairs)
        let policy = PairScorer(model: model, adapter: adapter).score(pairs)
        for (index, item) in golden.enumerated() {
            #expect(pairs[index].prompt == item["prompt_ids"]?.array?.compactMap(\.int).map(TokenID.init))
            #expect(pairs[index].chosen == item["chosen_ids"]?.array?.compactMap(\.int).map(TokenID.init))
            #expect(pairs[index].rejected == item["rejected_ids"]?.array?.compactMap(\.int).map(TokenID.init))
            for (value, key) in [
                (reference[index].chosenLogp, "reference_chosen_logps"),
                (reference[index].rejectedLogp, "reference_rejected_logps"),
                (policy[index].chosenLogp, "policy_chosen_logps"),
                (policy[index].rejectedLogp, "policy_rejected_logps"),
            ] {
                let expected = try #require(item[key]?.double)
                #expect(relativeError(value, expected) < 1e-4, "pair \(index), \(key): \(value) for \(expected)")
            }
        }
    }

    @Test(
        "greedy text is the peer's, but where its two best tokens are as good as equal", arguments: PeerFixtures.models)
    func greedy(name: String) throws {
        let model = try DecoderModel(path: PeerFixtures.modelPath(name))
        let golden = try #require(try PeerFixtures.json("greedy/\(name).greedy.json").array)
        #expect(golden.count >= 10)
        var longComparisons = 0
        let prompts = golden.map { ($0["prompt_ids"]?.array ?? []).compactMap(\.int).map(TokenID.init) }
        let longest = golden.map { $0["ids"]?.array?.count ?? 0 }.max() ?? 0
        let written = try TextGenerator(model: model).generate(
            prompts, options: GenerationOptions(maxNewTokens: longest, batchSize: 4))
        for (index, item) in golden.enumerated() {
            let expected = (item["ids"]?.array ?? []).compactMap(\.int).map(TokenID.init)
            let gaps = (item["gaps"]?.array ?? []).compactMap(\.double)
            let tie = gaps.firstIndex { $0 < 1e-3 } ?? expected.count
            var wanted = expected.prefix(tie)
            if let last = wanted.last, last == model.tokenizer.eosTokenID { wanted = wanted.dropLast() }
            #expect(written[index].tokens.prefix(wanted.count) == wanted, "prompt \(index)")
            longComparisons += wanted.count >= 32 ? 1 : 0
        }
        #expect(longComparisons >= 10 || name != "smollm2-135m")
    }

    @Test("the whole adapter's gradient is autograd's", arguments: ["tiny-f32", "tiny-q4_1"])
    func gradients(name: String) throws {
        let model = try DecoderModel(path: PeerFixtures.modelPath(name))
        let golden = try PeerFixtures.json("gradients/\(name).gradients.json")
        let adapter = try LoRAAdapter(
            directory: "\(PeerFixtures.folder)/adapters/tiny-trained", for: model.configuration)
        let (result, gradients) = try gradient(of: golden, model, adapter)
        #expect(abs(result.loss - (golden["loss"]?.double ?? 0)) < 1e-5)
        #expect(relativeError(gradients.norm, try #require(golden["gradient_norm"]?.double), floor: 0) < 1e-4)
        let file = try SafetensorsFile(path: "\(PeerFixtures.folder)/gradients/\(name).gradients.safetensors")
        for (parameter, matrix) in zip(adapter.parameters, gradients.values) {
            let expected = try file.floats(named: parameter.name)
            let largest = Double(expected.map(abs).max() ?? 0)
            let error = zip(matrix.values, expected).map { Double(abs($0 - $1)) }.max() ?? .infinity
            #expect(error <= 2e-4 * largest + 1e-7, "\(parameter.name): \(error) of \(largest)")
        }
    }

    @Test("the real model's gradient has autograd's norms and entries", .enabled(if: PeerFixtures.hasRealModel))
    func realGradients() throws {
        let model = try DecoderModel(path: PeerFixtures.realModel)
        let golden = try PeerFixtures.json("gradients/smollm2-135m.gradients.json")
        let adapter = PeerFixtures.filledAdapter(model, rank: 2, alpha: 4, bScale: 0.01)
        let (result, gradients) = try gradient(of: golden, model, adapter)
        #expect(abs(result.loss - (golden["loss"]?.double ?? 0)) < 1e-4)
        #expect(relativeError(gradients.norm, try #require(golden["gradient_norm"]?.double), floor: 0) < 1e-3)
        let tensors = try #require(golden["tensors"]?.array)
        #expect(tensors.count == adapter.parameters.count)
        let values = Dictionary(uniqueKeysWithValues: zip(adapter.parameters.map(\.name), gradients.values))
        for tensor in tensors {
            let name = try #require(tensor["key"]?.string)
            let matrix = try #require(values[name])
            let norm = try #require(tensor["norm"]?.double)
            #expect(relativeError(matrix.sumOfSquares.squareRoot(), norm, floor: 1e-6) < 5e-3, "\(name)")
        }
    }

    private func gradient(
        of golden: JSONValue, _ model: DecoderModel, _ adapter: LoRAAdapter
    ) throws -> (BatchResult, LoRAGradients) {
        let examples = try PeerFixtures.examples("pairs")
        let encoder = PeerFixtures.encoder(model)
        let pairs = try (golden["pair_indices"]?.array ?? []).compactMap(\.int).map { try encoder.encode(examples[$0]) }
        let reference = PairScorer(model: model).score(pairs)
        let gradients = LoRAGradients(for: adapter)
        let evaluator = BatchEvaluator(model: model, loss: PreferenceLoss(beta: 0.1), packedRows: 300)
        let result = evaluator.evaluate(pairs, reference: reference, adapter: adapter, gradients: gradients, scale: 1)
        return (result, gradients)
    }
}
