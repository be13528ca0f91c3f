internal import Diagnostics
internal import StrictJSON

/// LLaMA-Factory's three preference shapes, read as its converters read them, with what they skip refused.
enum LLaMAFactory {
    private static let mediaFields = ["images", "videos", "audios"]

    /// `instruction`, `input`, `system`, `history`, `chosen` and `rejected`, all texts.
    ///
    /// Instruction and input become one turn, joined by a line feed; history is turns before it.
    static func alpaca(_ record: ForeignRecord) throws(Refusal) -> PairFields {
        let object = try record.object()
        try refuseMedia(object, record)
        var prompt: [(PromptText.Message, [JSONPathStep])] = []
        if let system = try text(object, "system", record), !system.isEmpty {
            prompt.append((PromptText.Message(role: "system", content: system), [.key("system")]))
        }
        for (index, round) in (object["history"]?.array ?? []).enumerated() {
            let path: [JSONPathStep] = [.key("history"), .index(index)]
            guard let texts = round.array, texts.count == 2, let question = texts[0].string,
                let answer = texts[1].string
            else { throw record.wrong(path, "a round of \"history\" is no list of a question and an answer") }
            prompt.append((PromptText.Message(role: "user", content: question), path + [.index(0)]))
            prompt.append((PromptText.Message(role: "assistant", content: answer), path + [.index(1)]))
        }
        let parts = [try text(object, "instruction", record), try text(object, "input", record)]
        let question = parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "\n")
        prompt.append((PromptText.Message(role: "user", content: question), [.key("instruction")]))
        var fields = PairFields()
        fields.set("prompt", messages: prompt, from: [.key("instruction")])
        for side in ["chosen", "rejected"] {
            guard let answer = try text(object, side, record) else {
                throw Refusal(
                    code: "pair.missing-field", at: record.place([.key(side)]), "\"\(side)\" is missing", mend: "add it"
                )
            }
            fields.set(
                side, messages: [(PromptText.Message(role: "assistant", content: answer), [.key(side)])],
                from: [.key(side)])
        }
        return fields
    }

    /// `conversations` (or `messages`) as the prompt, and one message each in `chosen` and `rejected`.
    ///
    /// LLaMA-Factory skips, with no more than a warning, a conversation whose turns do not alternate or that ends with an
    /// answer; here that record is refused with its place.
    static func shareGPT(_ record: ForeignRecord) throws(Refusal) -> PairFields {
        let object = try record.object()
        try refuseMedia(object, record)
        let name = object["conversations"] == nil ? "messages" : "conversations"
        guard let turns = object[name]?.array else {
            throw record.wrong([.key(name)], "\"\(name)\" is missing or no list of turns")
        }
        var prompt: [(message: PromptText.Message, source: [JSONPathStep])] = []
        for (index, turn) in turns.enumerated() {
            prompt.append(try message(turn, [.key(name), .index(index)], record))
        }
        if let system = try text(object, "system", record), !system.isEmpty, prompt.first?.message.role != "system" {
            prompt.insert((PromptText.Message(role: "system", content: system), [.key("system")]), at: 0)
        }
        let spoken = prompt.first?.message.role == "system" ? prompt.dropFirst() : prompt[...]
        for (index, turn) in spoken.enumerated() where turn.message.role != (index % 2 == 0 ? "user" : "assistant") {
            throw record.badTurns(turn.source, "a turn of another speaker than the one whose turn it is")
        }
        guard spoken.last?.message.role == "user" else {
            throw record.badTurns([.key(name)], "the prompt does not end with the user's turn")
        }
        var fields = PairFields()
        fields.set("prompt", messages: prompt, from: [.key(name)])
        for side in ["chosen", "rejected"] {
            guard let value = object[side] else {
                throw Refusal(
                    code: "pair.missing-field", at: record.place([.key(side)]), "\"\(side)\" is missing", mend: "add it"
                )
            }
            let answer = try message(value, [.key(side)], record)
            guard answer.message.role == "assistant" else {
                throw record.badTurns([.key(side)], "\"\(side)\" is the turn of another role than the assistant's")
            }
            fields.set(side, messages: [answer], from: [.key(side)])
        }
        return fields
    }

    /// `chosen_messages` and `rejected_messages`, whole conversations whose content is a list of text parts.
    static func messages(_ record: ForeignRecord) throws(Refusal) -> PairFields {
        let object = try record.object()
        var sides: [[(message: PromptText.Message, source: [JSONPathStep])]] = []
        for name in ["chosen_messages", "rejected_messages"] {
            guard let turns = object[name]?.array else {
                throw record.wrong([.key(name)], "\"\(name)\" is missing or no list of messages")
            }
            var messages: [(message: PromptText.Message, source: [JSONPathStep])] = []
            for (index, turn) in turns.enumerated() {
                let path: [JSONPathStep] = [.key(name), .index(index)]
                guard let role = turn["role"]?.string, let parts = turn["content"]?.array else {
                    throw record.wrong(path, "a message without a role or a list of parts")
                }
                var content = ""
                for (part, value) in parts.enumerated() {
                    let place = path + [.key("content"), .index(part)]
                    guard value["type"]?.string == "text" else { throw unsupported(record, place) }
                    guard let text = value["value"]?.string else { throw record.wrong(place, "a part without a text") }
                    content += text
                }
                messages.append((PromptText.Message(role: role, content: content), path))
            }
            sides.append(messages)
        }
        var fields = PairFields()
        fields.set("chosen", messages: sides[0], from: [.key("chosen_messages")])
        fields.set("rejected", messages: sides[1], from: [.key("rejected_messages")])
        return fields
    }

    // MARK: Parts

    private static func text(
        _ object: JSONObject, _ field: String, _ record: ForeignRecord
    ) throws(Refusal) -> String? {
        guard let value = object[field], !value.isNull else { return nil }
        guard let text = value.string else { throw record.wrong([.key(field)], "\"\(field)\" is no string") }
        return text
    }

    /// A message with `from` and `value`, or with `role` and `content`.
    private static func message(
        _ value: JSONValue, _ path: [JSONPathStep], _ record: ForeignRecord
    ) throws(Refusal) -> (message: PromptText.Message, source: [JSONPathStep]) {
        guard let speaker = (value["from"] ?? value["role"])?.string,
            let content = (value["value"] ?? value["content"])?.string
        else { throw record.wrong(path, "a message without a speaker or a text (from and value, or role and content)") }
        let roles = ["human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant", "system": "system"]
        if let role = roles[speaker] { return (PromptText.Message(role: role, content: content), path) }
        guard ["function_call", "observation", "function", "tool"].contains(speaker) else {
            throw record.badTurns(path, "a message of an unknown speaker; known are human, gpt and system")
        }
        throw unsupported(record, path)
    }

    private static func refuseMedia(_ object: JSONObject, _ record: ForeignRecord) throws(Refusal) {
        for field in mediaFields where !(object[field]?.array?.isEmpty ?? object[field]?.isNull ?? true) {
            throw unsupported(record, [.key(field)])
        }
        if let tools = object["tools"], !tools.isNull, tools.string != "", tools.array?.isEmpty != true {
            throw unsupported(record, [.key("tools")])
        }
    }

    private static func unsupported(_ record: ForeignRecord, _ path: [JSONPathStep]) -> Refusal {
        Refusal(
            code: "pair.unsupported-media", at: record.place(path),
            "an image, a sound, a film or a tool call; a pair holds texts only", mend: "leave the record out")
    }
}
