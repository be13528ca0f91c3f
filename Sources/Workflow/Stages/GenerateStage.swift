import Alignment
public import Diagnostics
internal import ModelFiles
import StrictJSON
import Tokenization
import Transformer

/// Writes answers to prompts.
public enum GenerateStage {
    /// How text is decoded, with the peers' names and defaults.
    public struct Decoding: Sendable, Equatable {
        /// The most tokens to write for a prompt.
        public var maxNewTokens = 256
        /// 0 takes the most probable token each time.
        public var temperature = 0.0
        /// The probability mass to choose from.
        public var topP = 1.0
        /// The number of tokens to choose from; 0 for all.
        public var topK = 0
        /// The least probability relative to the greatest; 0 for all.
        public var minP = 0.0
        /// What seen tokens' logits are weakened by; 1 for not at all.
        public var repetitionPenalty = 1.0
        /// The seed of the choices.
        public var seed: UInt64 = 0
        /// Texts that end an answer.
        public var stop: [String] = []

        /// Greedy decoding of up to 256 tokens.
        public init() {}

        /// For manifests and reports.
        var json: JSONObject {
            [
                "max_new_tokens": .number(JSONNumber(maxNewTokens)), "temperature": .number(JSONNumber(temperature)),
                "top_p": .number(JSONNumber(topP)), "top_k": .number(JSONNumber(topK)),
                "min_p": .number(JSONNumber(minP)), "repetition_penalty": .number(JSONNumber(repetitionPenalty)),
                "seed": .string(String(seed)), "stop": .array(stop.map { .string($0) }),
            ]
        }

        /// For the generator.
        var options: GenerationOptions {
            GenerationOptions(
                maxNewTokens: maxNewTokens, temperature: temperature, topP: topP, topK: topK, minP: minP,
                repetitionPenalty: repetitionPenalty, seed: seed, stopStrings: stop)
        }
    }

    /// Writes one object a prompt: `id`, `text`, `tokens`, `prompt_tokens`, `finish_reason`.
    ///
    /// - Returns: nil when it was asked to stop; nothing is then written.
    public static func run(
        model: String, adapter: String?, prompts: String, output: String, decoding: Decoding, replace: Bool = false,
        events: StageEvents
    ) throws(Refusal) -> StageResult? {
        let watch = Stopwatch()
        let records = try PromptFile.read(prompts)
        let loaded = try LoadedModel(path: model, adapter: adapter)
        var inputs: JSONObject = [
            "model_sha256": .string(loaded.digest), "adapter_sha256": loaded.adapterDigest.map { .string($0) } ?? .null,
            "prompts_sha256": .string(try Digests.file(prompts)),
        ]
        inputs.members += decoding.json.members
        let artifact = OutputFile(path: output, stage: "generate", inputs: inputs)
        if artifact.isDone {
            events.say("Skipped: \(output) was made from the same model, adapter, prompts and settings.")
            return result(output, records.count, skipped: true)
        }
        try artifact.requireFree(replace: replace)
        let tokens = try encode(records.map { ($0.prompt, $0.place) }, for: loaded.model)
        guard
            let generations = try write(
                tokens, model: loaded.model, adapter: loaded.adapter, decoding: decoding, label: "Writing",
                events: events)
        else { return nil }
        let lines = zip(records, generations).map { record, generation in
            let object: JSONObject = [
                "id": .string(record.id), "text": .string(generation.text),
                "tokens": .array(generation.tokens.map { .number(JSONNumber(Int($0))) }),
                "prompt_tokens": .number(JSONNumber(generation.promptTokens)),
                "finish_reason": .string(generation.finishReason.rawValue),
            ]
            return JSONValue.object(object).serialized() + "\n"
        }
        try artifact.write(lines.joined(), seconds: watch.seconds)
        return result(output, records.count, skipped: false)
    }

    /// The token ids of prompts; one that does not fit the model's context is refused by its place.
    static func encode(_ prompts: [(text: ExampleText, place: String)], for model: DecoderModel) throws(Refusal)
        -> [[TokenID]]
    {
        let context = model.configuration.maxPositionEmbeddings
        let encoder = PairEncoder(
            tokenizer: model.tokenizer, template: model.chatTemplate, maxLength: nil, contextLength: context)
        var tokens: [[TokenID]] = []
        for (text, place) in prompts {
            let ids: [TokenID]
            do throws(Refusal) {
                ids = try encoder.encodePrompt(text, at: place)
            } catch {
                throw error.placed(at: error.location, within: place)
            }
            guard ids.count < context else {
                throw Refusal(
                    code: "prompts.too-long", at: place,
                    "the prompt has \(ids.count) tokens; the model's context is \(context), of which at least one must be "
                        + "left for the answer", mend: "shorten the prompt")
            }
            tokens.append(ids)
        }
        return tokens
    }

    /// One generation for each prompt; nil when asked to stop.
    static func write(
        _ prompts: [[TokenID]], model: DecoderModel, adapter: LoRAAdapter?, decoding: Decoding, label: String,
        events: StageEvents
    ) throws(Refusal) -> [Generation]? {
        let watch = Stopwatch()
        var wasStopped = false
        events.progress(StageProgress(label, done: 0, total: prompts.count, unit: "prompts"))
        let generations = try TextGenerator(model: model, adapter: adapter).generate(
            prompts, options: decoding.options,
            progress: { done, total, tokens in
                let rate = Int(Double(tokens) / max(watch.seconds, 1e-3))
                events.progress(
                    StageProgress(label, done: done, total: total, unit: "prompts", detail: "\(rate) tokens/s"))
                wasStopped = done < total && events.shouldStop()
                return !wasStopped
            })
        return wasStopped ? nil : generations
    }

    private static func result(_ output: String, _ count: Int, skipped: Bool) -> StageResult {
        StageResult(
            ["output": .string(output), "prompts": .number(JSONNumber(count)), "skipped": .bool(skipped)],
            text: "\(output): the answers to \(counted(count, "prompt")).")
    }
}
