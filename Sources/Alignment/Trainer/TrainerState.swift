internal import Diagnostics
public import StrictJSON

/// What a run must remember beside tensors to go on as if it had never stopped.
struct TrainerState: Equatable {
    /// Optimiser steps done.
    var step = 0
    /// Tokens seen, as TRL's `num_tokens` counts them.
    var tokens = 0
    /// Pairs seen.
    var pairs = 0
    /// The losses of the steps since the last line of metrics.
    var windowLosses: [Double] = []
    /// The micro-batches since the last line of metrics.
    var windowBatches: [BatchSums] = []
    /// Every line of metrics so far.
    var log: [TrainingMetrics] = []

    /// Hugging Face's names where it has them.
    func json(totalSteps: Int, epoch: Double) -> JSONObject {
        [
            "global_step": .number(JSONNumber(step)), "max_steps": .number(JSONNumber(totalSteps)),
            "epoch": .number(JSONNumber(epoch)), "num_input_tokens_seen": .number(JSONNumber(tokens)),
            "pairs_seen": .number(JSONNumber(pairs)), "log_history": .array(log.map(\.json)),
            "window_losses": .array(windowLosses.map { .number(JSONNumber($0)) }),
            "window_batches": .array(windowBatches.map(\.json)),
        ]
    }

    init() {}

    /// Reads what `json` wrote.
    init(_ value: JSONValue, at place: String) throws(Refusal) {
        func damaged(_ key: String) -> Refusal {
            Refusal(
                code: "checkpoint.damaged", at: place, "\"\(key)\" is missing or of the wrong kind",
                mend: "delete this checkpoint folder; the run goes on from the one before")
        }
        func array(_ key: String) throws(Refusal) -> [JSONValue] {
            guard let items = value[key]?.array else { throw damaged(key) }
            return items
        }
        guard let step = value["global_step"]?.int else { throw damaged("global_step") }
        guard let tokens = value["num_input_tokens_seen"]?.int else { throw damaged("num_input_tokens_seen") }
        guard let pairs = value["pairs_seen"]?.int else { throw damaged("pairs_seen") }
        self.step = step
        self.tokens = tokens
        self.pairs = pairs
        for item in try array("log_history") {
            guard let metrics = TrainingMetrics(item) else { throw damaged("log_history") }
            log.append(metrics)
        }
        for item in try array("window_losses") {
            guard let loss = item.double else { throw damaged("window_losses") }
            windowLosses.append(loss)
        }
        for item in try array("window_batches") {
            guard let sums = BatchSums(item) else { throw damaged("window_batches") }
            windowBatches.append(sums)
        }
    }
}

extension TrainingMetrics {
    /// Reads a line of metrics; nil when it is none.
    public init?(_ value: JSONValue) {
        guard let object = value.object, let step = object["step"]?.int else { return nil }
        var values: [(name: String, value: Double)] = []
        for member in object.members where member.key != "step" {
            guard let number = member.value.double else { return nil }
            values.append((member.key, number))
        }
        self.init(step: step, values: values)
    }
}

extension BatchSums {
    private static var fields: [WritableKeyPath<BatchSums, Double>] {
        [
            \.pairs, \.sigmoidLoss, \.chosenLogProbability, \.rejectedLogProbability, \.chosenDelta, \.rejectedDelta,
            \.wins, \.chosenTokens, \.rejectedTokens, \.chosenMeanLogits, \.rejectedMeanLogits, \.entropy,
            \.chosenCorrect, \.largestStartingDifference,
        ]
    }

    var json: JSONValue {
        .array([.number(JSONNumber(tokens))] + Self.fields.map { .number(JSONNumber(self[keyPath: $0])) })
    }

    init?(_ value: JSONValue) {
        guard let items = value.array, items.count == Self.fields.count + 1, let tokens = items[0].int else {
            return nil
        }
        self.init()
        self.tokens = tokens
        for (field, item) in zip(Self.fields, items.dropFirst()) {
            guard let number = item.double else { return nil }
            self[keyPath: field] = number
        }
    }
}
