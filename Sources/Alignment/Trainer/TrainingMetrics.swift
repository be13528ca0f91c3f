public import StrictJSON

/// The figures of one logged step, under TRL 1.16's names.
///
/// `loss` is the mean over the steps since the last line; what describes batches is the mean over their micro-batches;
/// `grad_norm` (before clipping) and `learning_rate` are the last step's. `delta_logps/*` are ours: how far the policy's
/// summed log-probabilities have moved from the reference's.
public struct TrainingMetrics: Sendable, Equatable {
    /// The optimiser step, from 1.
    public var step: Int
    /// Names and values in the order in which they are written.
    public var values: [(name: String, value: Double)]

    /// Whether step, names and values agree.
    public static func == (a: TrainingMetrics, b: TrainingMetrics) -> Bool {
        a.step == b.step && a.values.elementsEqual(b.values) { $0.name == $1.name && $0.value == $1.value }
    }

    /// A value by its name.
    public subscript(_ name: String) -> Double? { values.first { $0.name == name }?.value }

    /// One object, in writing order.
    public var json: JSONValue {
        var object = JSONObject([JSONObject.Member("step", .number(JSONNumber(step)))])
        for (name, value) in values { object.members.append(JSONObject.Member(name, .number(JSONNumber(value)))) }
        return .object(object)
    }

    /// Means over the micro-batches of a window.
    static func means(of batches: [BatchSums], beta: Double, usesRejected: Bool) -> [(name: String, value: Double)] {
        func mean(_ value: (BatchSums) -> Double) -> Double {
            batches.reduce(0) { $0 + value($1) } / Double(batches.count)
        }
        var result: [(name: String, value: Double)] = [
            ("entropy", mean { $0.entropy / ($0.chosenTokens + $0.rejectedTokens) }),
            ("mean_token_accuracy", mean { $0.chosenCorrect / $0.chosenTokens }),
            ("logits/chosen", mean { $0.chosenMeanLogits / $0.chosenTokens }),
            ("logps/chosen", mean { $0.chosenLogProbability / $0.pairs }),
            ("rewards/chosen", mean { beta * $0.chosenDelta / $0.pairs }),
            ("delta_logps/chosen", mean { $0.chosenDelta / $0.pairs }),
        ]
        guard usesRejected else { return result }
        result += [
            ("logits/rejected", mean { $0.rejectedMeanLogits / $0.rejectedTokens }),
            ("logps/rejected", mean { $0.rejectedLogProbability / $0.pairs }),
            ("rewards/rejected", mean { beta * $0.rejectedDelta / $0.pairs }),
            ("rewards/accuracies", mean { $0.wins / $0.pairs }),
            ("rewards/margins", mean { beta * ($0.chosenDelta - $0.rejectedDelta) / $0.pairs }),
            ("delta_logps/rejected", mean { $0.rejectedDelta / $0.pairs }),
        ]
        return result
    }
}
