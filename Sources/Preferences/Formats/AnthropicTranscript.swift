internal import Diagnostics
internal import StrictJSON

/// Anthropic's HH-RLHF transcripts.
///
/// `chosen` and `rejected` are each a whole conversation in one string, with `\n\nHuman:` and `\n\nAssistant:` before the
/// turns, and differ in the last answer only. Splitting them where the texts begin to differ, as an implicit prompt is
/// split, would put the first words that both answers share into the prompt.
enum AnthropicTranscript {
    private static let markers: [(role: String, bytes: [UInt8])] = [
        ("user", Array("\n\nHuman:".utf8)), ("assistant", Array("\n\nAssistant:".utf8)),
    ]

    /// Whether a text begins as a transcript and has an answer.
    static func isTranscript(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.starts(with: markers[0].bytes) && turns(bytes).contains { $0.role == "assistant" }
    }

    static func fields(_ record: ForeignRecord) throws(Refusal) -> PairFields {
        let object = try record.object()
        let chosen = try conversation("chosen", object, record)
        let rejected = try conversation("rejected", object, record)
        guard chosen.dropLast() == rejected.dropLast() else {
            throw record.badTurns(
                [.key("rejected")], "chosen and rejected differ before the last answer: they answer different questions"
            )
        }
        var fields = PairFields()
        for member in object.members where member.key != "chosen" && member.key != "rejected" {
            fields.set(member.key, member.value, from: [.key(member.key)])
        }
        fields.set(
            "prompt", messages: chosen.dropLast().map { ($0, [.key("chosen")]) }, from: [.key("chosen")])
        fields.set("chosen", messages: chosen.suffix(1).map { ($0, [.key("chosen")]) }, from: [.key("chosen")])
        fields.set("rejected", messages: rejected.suffix(1).map { ($0, [.key("rejected")]) }, from: [.key("rejected")])
        return fields
    }

    private static func conversation(
        _ field: String, _ object: JSONObject, _ record: ForeignRecord
    ) throws(Refusal) -> [PromptText.Message] {
        guard let text = object[field]?.string else {
            throw record.wrong([.key(field)], "\"\(field)\" is missing or no string", mend: "write a transcript")
        }
        let bytes = Array(text.utf8)
        guard bytes.starts(with: markers[0].bytes) else {
            throw record.badTurns([.key(field)], "\"\(field)\" does not begin with a turn of the human's")
        }
        let turns = turns(bytes)
        guard turns.last?.role == "assistant" else {
            throw record.badTurns([.key(field)], "\"\(field)\" does not end with the assistant's turn")
        }
        for (index, turn) in turns.enumerated() where turn.role != markers[index % 2].role {
            throw record.badTurns(
                [.key(field)], "turn \(index + 1) of \"\(field)\" is the same speaker's as the one before")
        }
        return turns
    }

    /// The turns in order; one space after a marker is the format's, the rest is the speaker's.
    private static func turns(_ bytes: [UInt8]) -> [PromptText.Message] {
        var starts: [(role: String, begins: Int, content: Int)] = []
        for index in bytes.indices where bytes[index] == 0x0A {
            for marker in markers where bytes[index...].starts(with: marker.bytes) {
                starts.append((marker.role, index, index + marker.bytes.count))
            }
        }
        return starts.enumerated().map { position, start in
            let end = position + 1 < starts.count ? starts[position + 1].begins : bytes.count
            var content = bytes[start.content..<end]
            if content.first == 0x20 { content.removeFirst() }
            return PromptText.Message(role: start.role, content: String(decoding: content, as: UTF8.self))
        }
    }
}
