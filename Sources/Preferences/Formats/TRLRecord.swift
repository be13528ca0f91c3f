internal import Diagnostics
internal import StrictJSON

/// TRL's own records, with the one shape that its trainers understand beyond the documented ones.
enum TRLRecord {
    /// The record's fields as they are.
    ///
    /// A plain `prompt` that repeats the last turn before the answers, beside whole conversations in `chosen` and
    /// `rejected`, is left out: the prompt is then the conversations' shared beginning, as TRL's `maybe_extract_prompt`
    /// takes it. A plain prompt that says anything else stays, and is refused as a mixture of forms.
    static func fields(_ record: ForeignRecord) throws(Refusal) -> PairFields {
        let object = try record.object()
        var fields = PairFields()
        for member in object.members where !(member.key == "prompt" && repeatsTheQuestion(object)) {
            fields.set(member.key, member.value, from: [.key(member.key)])
        }
        return fields
    }

    private static func repeatsTheQuestion(_ object: JSONObject) -> Bool {
        guard let prompt = object["prompt"]?.string, let chosen = object["chosen"]?.array,
            let rejected = object["rejected"]?.array
        else { return false }
        let shared = zip(chosen, rejected).prefix { $0.0 == $0.1 }.map(\.0)
        guard let last = shared.last, last["role"]?.string == "user", let question = last["content"]?.string else {
            return false
        }
        return question.sameBytes(as: prompt)
    }
}
