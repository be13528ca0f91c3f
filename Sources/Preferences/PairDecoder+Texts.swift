internal import Diagnostics
internal import StrictJSON

extension PairDecoder {
    /// Refuses TRL's other shapes by name, and a record whose answers are missing.
    func refuseOtherShapes(_ object: JSONObject) throws(Refusal) {
        let missing = ["chosen", "rejected"].filter { object[$0]?.isNull ?? true }
        guard let first = missing.first else { return }
        let has = { (key: String) in object[key] != nil }
        let shape: String? =
            if missing.count == 1 {
                nil
            } else if has("completions"), has("labels") {
                "a stepwise-supervision record (completions and labels)"
            } else if has("completion"), has("label") {
                "an unpaired record (completion and label)"
            } else if has("completion") {
                "a prompt-completion record"
            } else if has("messages") || has("text") {
                "a language-modelling record (\(has("messages") ? "messages" : "text"))"
            } else if has("prompt") {
                "a prompt without answers"
            } else {
                nil
            }
        if let shape {
            throw Refusal(
                code: "pair.not-a-preference", at: locate([]),
                "\(shape); a preference has \"chosen\" and \"rejected\"", mend: "give a file of preferences")
        }
        let unknown = object.keys.filter { !PreferencePair.fieldNames.contains($0) }
        let slip = unknown.first { NearestName.suggestion(for: $0, among: PreferencePair.fieldNames) == first }
        throw Refusal(
            code: "pair.missing-field", at: slip.map { locate([.key($0)]) } ?? locate([]),
            "\"\(first)\" is missing" + (slip == nil ? "" : "; the field here has nearly that name"),
            mend: slip == nil ? "add it" : "rename the field to \"\(first)\"")
    }

    /// Prompt, chosen and rejected, an implicit prompt made explicit.
    func texts(of object: JSONObject) throws(Refusal) -> (PromptText, PromptText, PromptText) {
        let chosen = try promptText("chosen", object)
        let rejected = try promptText("rejected", object)
        guard chosen.hasSameForm(as: rejected) else {
            throw Refusal(
                code: "pair.mixed-forms", at: locate([.key("rejected")]),
                "one of chosen and rejected is plain text, the other messages", mend: "write both in one form")
        }
        guard let promptValue = object["prompt"], !promptValue.isNull else {
            let (prompt, chosen, rejected) = Self.splitAtDivergence(chosen, rejected)
            if case .messages(let messages) = prompt, messages.isEmpty { return (prompt, chosen, rejected) }
            try checkTurns(chosen, "chosen")
            try checkTurns(rejected, "rejected")
            return (prompt, chosen, rejected)
        }
        let prompt = try promptText("prompt", object)
        guard prompt.hasSameForm(as: chosen) else {
            throw Refusal(
                code: "pair.mixed-forms", at: locate([.key("prompt")]),
                "the prompt is \(Self.formName(prompt)), the answers are \(Self.formName(chosen))",
                mend: "write all three in one form")
        }
        if case .messages(let messages) = prompt, let last = messages.last, last.role == "assistant" {
            throw Refusal(
                code: "pair.bad-turns", at: locate([.key("prompt"), .index(messages.count - 1)]),
                "the prompt ends with the assistant's turn; it ends with what the assistant answers",
                mend: "move that turn into chosen and rejected")
        }
        try checkTurns(chosen, "chosen")
        try checkTurns(rejected, "rejected")
        return (prompt, chosen, rejected)
    }

    /// The shared beginning of both texts as the prompt, and what is left of each.
    ///
    /// Messages are shared whole; plain text up to the last place where it may be parted (``TextParting``), less one space,
    /// which belongs to the answers (TRL's convention). Where one text is a beginning of the other, or they differ from
    /// the start, an answer or the prompt comes out empty, and the caller refuses the record. TRL's own rule parts words
    /// and numbers, loses the last shared element in the first case and looks before the beginning in the second.
    static func splitAtDivergence(
        _ chosen: PromptText, _ rejected: PromptText
    ) -> (prompt: PromptText, chosen: PromptText, rejected: PromptText) {
        switch (chosen, rejected) {
        case (.messages(let a), .messages(let b)):
            let shared = zip(a, b).prefix { $0 == $1 }.count
            return (
                .messages(Array(a[..<shared])), .messages(Array(a[shared...])), .messages(Array(b[shared...]))
            )
        case (.text(let a), .text(let b)):
            let first = Array(a.unicodeScalars)
            let second = Array(b.unicodeScalars)
            var shared = zip(first, second).prefix { $0 == $1 }.count
            if shared < first.count, shared < second.count {
                shared = TextParting.lastPlace(notAfter: shared, first, second)
                if shared > 0, first[shared - 1] == " " { shared -= 1 }
            }
            func text(_ scalars: ArraySlice<Unicode.Scalar>) -> PromptText {
                var view = String.UnicodeScalarView()
                view.append(contentsOf: scalars)
                return .text(String(view))
            }
            return (text(first[..<shared]), text(first[shared...]), text(second[shared...]))
        default:
            preconditionFailure("a conversation and a plain text have no common beginning")
        }
    }

    private static func formName(_ text: PromptText) -> String {
        switch text {
        case .text: "plain text"
        case .messages: "messages"
        }
    }

    private func checkTurns(_ answer: PromptText, _ field: String) throws(Refusal) {
        guard case .messages(let messages) = answer, let first = messages.first, first.role != "assistant" else {
            return
        }
        throw Refusal(
            code: "pair.bad-turns", at: locate([.key(field)]),
            "\"\(field)\" answers with the turn of another role; an answer begins with the assistant's",
            mend: "put the other turns into the prompt")
    }

    private func promptText(_ field: String, _ object: JSONObject) throws(Refusal) -> PromptText {
        guard let value = object[field] else { return .text("") }
        if value.string != nil { return .text(try text(field, object) ?? "") }
        guard let elements = value.array else {
            throw wrongType(field, value, "a string or an array of messages")
        }
        var messages: [PromptText.Message] = []
        for (index, element) in elements.enumerated() {
            messages.append(try message(element, field, index))
        }
        return .messages(messages)
    }

    private func message(_ value: JSONValue, _ field: String, _ index: Int) throws(Refusal) -> PromptText.Message {
        let path: [JSONPathStep] = [.key(field), .index(index)]
        guard let object = value.object else {
            throw wrongType(field, value, "an object with role and content", at: [.index(index)])
        }
        let names = ["role", "content"]
        for key in object.keys where !names.contains(key) {
            let suggestion = NearestName.suggestion(for: key, among: names)
            throw Refusal(
                code: "pair.unknown-field", at: locate(path + [.key(key)]),
                "a message of \"\(field)\" has a field besides role and content",
                mend: suggestion.map { "rename it to \"\($0)\"" } ?? "remove it")
        }
        for name in names {
            guard let part = object[name] else {
                throw Refusal(
                    code: "pair.missing-field", at: locate(path), "a message of \"\(field)\" has no \"\(name)\"",
                    mend: "add it")
            }
            guard let text = part.string else {
                throw wrongType(field, part, "a string", at: [.index(index), .key(name)])
            }
            guard !text.holdsNUL else {
                throw Refusal(
                    code: "pair.nul", at: locate(path + [.key(name)]),
                    "a message of \"\(field)\" holds a NUL character",
                    mend: "remove it")
            }
        }
        let role = object["role"]?.string ?? ""
        guard PromptText.Message.roles.contains(role) else {
            let suggestion = NearestName.suggestion(for: role, among: PromptText.Message.roles)
            throw Refusal(
                code: "pair.unknown-value", at: locate(path + [.key("role")]),
                "a message of \"\(field)\" has an unknown role; known are "
                    + PromptText.Message.roles.joined(separator: ", "),
                mend: suggestion.map { "write \"\($0)\"" } ?? "write one of them")
        }
        return PromptText.Message(role: role, content: object["content"]?.string ?? "")
    }
}
