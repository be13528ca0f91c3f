import Diagnostics
import Foundation
import Preferences
import StrictJSON

/// Synthetic records of each foreign shape, invented for these tests.
enum FormatSamples {
    static let alpaca = """
        {"instruction": "Write the impression.", "input": "Lungs clear.", "chosen": "No acute finding.", \
        "rejected": "Lungs are clear today."}
        """
    static let shareGPT = """
        {"conversations": [{"from": "human", "value": "Write the impression."}], \
        "chosen": {"from": "gpt", "value": "Normal chest."}, "rejected": {"from": "gpt", "value": "chest ok"}}
        """
    static let transcript = """
        {"chosen": "\\n\\nHuman: Write it.\\n\\nAssistant: The lungs are clear.", \
        "rejected": "\\n\\nHuman: Write it.\\n\\nAssistant: The lungs look fine."}
        """
    static let messages = """
        {"chosen_messages": [{"role": "user", "content": [{"type": "text", "value": "Write."}], "loss_weight": 0.0}, \
        {"role": "assistant", "content": [{"type": "text", "value": "No "}, {"type": "text", "value": "effusion."}]}], \
        "rejected_messages": [{"role": "user", "content": [{"type": "text", "value": "Write."}]}, \
        {"role": "assistant", "content": [{"type": "text", "value": "nothing"}]}]}
        """
    static let trl = "{\"prompt\": \"Findings: clear.\", \"chosen\": \"Normal.\", \"rejected\": \"ok\"}"
    static let nested = """
        {"id": "7", "fields": {"prompt": "Write.", "a": "Normal chest.", "b": "chest ok", "c": "Chest: normal."}, \
        "metadata": {"patient": "P1", "ward": "3"}, "suggestions": {}, "responses": {"order": [{"value": \
        [{"value": "b", "rank": 2}, {"value": "a", "rank": 1}, {"value": "c", "rank": 2}], "user_id": "u-1", \
        "status": "submitted"}]}, "vectors": {}, "_server_id": null}
        """
    static let task = """
        {"id": 1, "data": {"prompt": "Write.", "answer1": "Normal chest.", "answer2": "chest ok"}, "annotations": \
        [{"id": 5, "completed_by": 3, "was_cancelled": false, "created_at": "2026-01-05T10:00:00.123456Z", "result": \
        [{"from_name": "comparison", "to_name": "answer1,answer2", "type": "pairwise", "value": {"selected": "left"}}]}]}
        """
}

/// Reads a text as a file of pairs.
func reading(
    _ text: String, _ format: PairFormat? = nil, mapping: String? = nil, lengthLimit: PairLengthLimit? = nil
) throws -> PairFileReading {
    let scratch = try Scratch()
    return try PairFileReading.read(
        try scratch.file("f", text), options: options(format, mapping: mapping, lengthLimit: lengthLimit))
}

/// The one refusal that a text gives, its place without the scratch folder's name.
func refusal(of text: String, _ format: PairFormat? = nil, mapping: String? = nil) throws -> (String, String)? {
    let scratch = try Scratch()
    let path = try scratch.file("f", text)
    func short(_ refusal: Refusal) -> (String, String) {
        (refusal.code, refusal.location.replacingOccurrences(of: path, with: "f"))
    }
    do throws(Refusal) {
        let reading = try PairFileReading.read(path, options: try options(format, mapping: mapping))
        return reading.refusals.first.map(short)
    } catch {
        return short(error)
    }
}

func options(
    _ format: PairFormat?, mapping: String? = nil, lengthLimit: PairLengthLimit? = nil
) throws(Refusal) -> PairReadingOptions {
    PairReadingOptions(
        format: format, mapping: try mapping.map(columnMapping(_:)),
        lengthLimit: lengthLimit)
}

func columnMapping(_ yaml: String) throws(Refusal) -> ColumnMapping {
    try ColumnMapping(parsing: Array(yaml.utf8), named: "m.yaml")
}

/// Messages from role and content.
func messages(_ turns: (String, String)...) -> PromptText {
    .messages(turns.map { PromptText.Message(role: $0.0, content: $0.1) })
}

/// A value as JSON text.
func json(_ value: JSONValue) -> String { value.serialized() }
