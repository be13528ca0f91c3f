import Alignment
public import Diagnostics
internal import ModelFiles
import Preferences
import StrictJSON
import Transformer

/// Scores pairs: the summed log-probabilities of chosen and rejected under a model.
public enum ScoreStage {
    /// Writes one object a pair: `id`, `chosen_logp`, `rejected_logp`, `chosen_tokens`, `rejected_tokens`.
    ///
    /// - Parameters:
    ///   - model: a GGUF file.
    ///   - adapter: a PEFT folder, or nil for the base alone.
    ///   - pairs: a JSONL file in TRL's format, or a snapshot (its training side).
    ///   - output: the file to write.
    ///   - maxLength: the most tokens of prompt and answer; nil for the model's context.
    ///   - replace: whether a file that is no earlier result may be replaced.
    /// - Returns: nil when it was asked to stop; nothing is then written.
    public static func run(
        model: String, adapter: String?, pairs: String, output: String, maxLength: Int? = nil, replace: Bool = false,
        events: StageEvents
    ) throws(Refusal) -> StageResult? {
        let watch = Stopwatch()
        let source = try PairSource(path: pairs)
        let loaded = try LoadedModel(path: model, adapter: adapter)
        let inputs: JSONObject = [
            "model_sha256": .string(loaded.digest), "adapter_sha256": loaded.adapterDigest.map { .string($0) } ?? .null,
            "pairs_sha256": .string(source.digest), "max_length": maxLength.map { .number(JSONNumber($0)) } ?? .null,
        ]
        let artifact = OutputFile(path: output, stage: "score", inputs: inputs)
        if artifact.isDone {
            events.say("Skipped: \(output) was made from the same model, adapter and pairs.")
            return result(output, source.pairs.count, skipped: true)
        }
        try artifact.requireFree(replace: replace)
        let encoder = PairEncoder(
            tokenizer: loaded.model.tokenizer, template: loaded.model.chatTemplate, maxLength: maxLength,
            contextLength: loaded.model.configuration.maxPositionEmbeddings)
        let encoded = try PairSource.encode(source.pairs, with: encoder, named: pairs)
        events.progress(StageProgress("Scoring", done: 0, total: encoded.count, unit: "pairs"))
        let scores = PairScorer(model: loaded.model, adapter: loaded.adapter).score(encoded) { done, total in
            events.progress(StageProgress("Scoring", done: done, total: total, unit: "pairs"))
            return !events.shouldStop()
        }
        guard scores.count == encoded.count else { return nil }
        let lines = zip(source.pairs, scores).map { pair, score in
            let object: JSONObject = [
                "id": .string(pair.id), "chosen_logp": .number(JSONNumber(score.chosenLogp)),
                "rejected_logp": .number(JSONNumber(score.rejectedLogp)),
                "chosen_tokens": .number(JSONNumber(score.chosenTokens)),
                "rejected_tokens": .number(JSONNumber(score.rejectedTokens)),
            ]
            return JSONValue.object(object).serialized() + "\n"
        }
        try artifact.write(lines.joined(), seconds: watch.seconds)
        return result(output, scores.count, skipped: false)
    }

    private static func result(_ output: String, _ count: Int, skipped: Bool) -> StageResult {
        StageResult(
            ["output": .string(output), "pairs": .number(JSONNumber(count)), "skipped": .bool(skipped)],
            text: "\(output): the scores of \(counted(count, "pair")).")
    }
}
