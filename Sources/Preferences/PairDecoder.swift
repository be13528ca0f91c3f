public import Diagnostics
public import StrictJSON

extension PreferencePair {
    /// Reads one record of a JSONL file in TRL's preference format: conversational or plain, prompt explicit or implicit.
    ///
    /// - Parameters:
    ///   - bytes: the line, without its line feed.
    ///   - named: how messages call the file.
    ///   - line: the line's number in the file, from 1.
    /// - Throws: what is wrong, with file, line and column, quoting no text.
    public init(jsonLine bytes: [UInt8], named: String, line: Int) throws(Refusal) {
        let value = try JSONValue(parsing: bytes, named: named, firstLine: line, limits: PairDecoder.limits)
        let decoder = PairDecoder(value: value) { path in
            let place = JSONPosition.locate(path, in: bytes, firstLine: line, limits: PairDecoder.limits)
            return place.map { "\(named):\($0)" } ?? "\(named):\(line)"
        }
        self = try decoder.pair()
    }

    /// Reads one record that has been parsed already; `location` is where messages say it stands.
    public init(_ object: JSONObject, at location: String) throws(Refusal) {
        self = try PairDecoder(value: .object(object), locate: { _ in location }).pair()
    }
}

/// Turns one JSON value into a pair, or says what is wrong and where.
struct PairDecoder {
    /// Depth 32 and lines of 4 MiB, as every record of a pair fits many times over.
    static let limits = JSONLimits(depth: 32, documentBytes: 4 << 20, stringBytes: 4 << 20)

    let value: JSONValue
    /// Where the value at a path stands, for a message.
    let locate: ([JSONPathStep]) -> String

    func pair() throws(Refusal) -> PreferencePair {
        guard let object = value.object else {
            throw Refusal(
                code: "pair.wrong-type", at: locate([]), "a record is an object; this is \(article(value.kindName))",
                mend: "write one object a line")
        }
        try refuseOtherShapes(object)
        let (prompt, chosen, rejected) = try texts(of: object)
        try refuseBlank(prompt, "prompt", object)
        try refuseBlank(chosen, "chosen", object)
        try refuseBlank(rejected, "rejected", object)
        guard !chosen.saysTheSame(as: rejected) else {
            throw Refusal(
                code: "pair.no-preference", at: locate([.key("rejected")]),
                chosen == rejected
                    ? "chosen and rejected are the same text; there is no preference in it"
                    : "chosen and rejected differ only in white space or in how characters are composed; there is no "
                        + "preference in it",
                mend: "remove the record")
        }
        var pair = PreferencePair(id: "", prompt: prompt, chosen: chosen, rejected: rejected)
        pair.id = try key("id", object) ?? "pair-" + String(pair.contentDigest.prefix(16))
        pair.patient = try key("patient", object)
        pair.exam = try key("exam", object)
        pair.modality = try name("modality", object)
        pair.bodyPart = try name("body_part", object)
        pair.source = try name("source", object)
        pair.reviewer = try key("reviewer", object)
        pair.created = try time("created", object)
        pair.split = try oneOf("split", object, PreferencePair.Split.allCases)
        pair.rejectedKind = try oneOf("rejected_kind", object, PreferencePair.RejectedKind.allCases)
        pair.findingKinds = try names("finding_kinds", object)
        pair.unseenKind = try flag("unseen_kind", object) ?? false
        pair.findings = try text("findings", object)
        pair.additional.members = object.members.filter { member in
            !PreferencePair.fieldNames.contains { $0.sameBytes(as: member.key) }
        }
        return pair
    }

    // MARK: The optional fields

    /// A string field; null counts as absent.
    func text(_ field: String, _ object: JSONObject) throws(Refusal) -> String? {
        guard let value = object[field], !value.isNull else { return nil }
        guard let text = value.string else { throw wrongType(field, value, "a string") }
        guard !text.holdsNUL else {
            throw Refusal(
                code: "pair.nul", at: locate([.key(field)]), "\"\(field)\" holds a NUL character", mend: "remove it")
        }
        return text
    }

    /// A key: no file path, no control or direction characters, at most 256 bytes.
    private func key(_ field: String, _ object: JSONObject) throws(Refusal) -> String? {
        guard let key = try name(field, object) else { return nil }
        guard !key.utf8.contains(UInt8(ascii: "/")), !key.utf8.contains(UInt8(ascii: "\\")), key != "..", key != "."
        else {
            throw Refusal(
                code: "pair.bad-key", at: locate([.key(field)]),
                "\"\(field)\" holds a slash or is a folder's name; a key is neither", mend: "write another key")
        }
        return key
    }

    /// A short name: something to read, no control or direction characters, at most 256 bytes.
    private func name(_ field: String, _ object: JSONObject) throws(Refusal) -> String? {
        guard let name = try text(field, object) else { return nil }
        try checkName(name, field, at: [.key(field)])
        return name
    }

    private func checkName(_ name: String, _ field: String, at path: [JSONPathStep]) throws(Refusal) {
        guard !name.isBlank, name.utf8.count <= 256 else {
            throw Refusal(
                code: "pair.bad-key", at: locate(path),
                "\"\(field)\" has \(name.utf8.count) bytes\(name.isBlank ? ", none of them visible" : ""); 1 to 256 "
                    + "bytes are allowed", mend: "shorten it or leave the field out")
        }
        let hidden = name.unicodeScalars.first(where: \.isHidden)
        if let hidden {
            throw Refusal(
                code: "pair.bad-key", at: locate(path),
                "\"\(field)\" holds the invisible character U+\(String(hidden.value, radix: 16, uppercase: true))",
                mend: "remove it")
        }
    }

    private func names(_ field: String, _ object: JSONObject) throws(Refusal) -> [String] {
        guard let value = object[field], !value.isNull else { return [] }
        guard let elements = value.array else { throw wrongType(field, value, "an array of strings") }
        var names: [String] = []
        for (index, element) in elements.enumerated() {
            guard let name = element.string else { throw wrongType(field, element, "a string", at: [.index(index)]) }
            try checkName(name, field, at: [.key(field), .index(index)])
            names.append(name)
        }
        return names
    }

    private func flag(_ field: String, _ object: JSONObject) throws(Refusal) -> Bool? {
        guard let value = object[field], !value.isNull else { return nil }
        guard let flag = value.bool else { throw wrongType(field, value, "true or false") }
        return flag
    }

    private func time(_ field: String, _ object: JSONObject) throws(Refusal) -> String? {
        guard let text = try text(field, object) else { return nil }
        guard UTCTime(text) != nil else {
            throw Refusal(
                code: "pair.bad-time", at: locate([.key(field)]),
                "\"\(field)\" is no moment between 1900 and 2199 with a zone",
                mend: "write it like 2026-03-01T09:30:00Z or 2026-03-01T09:30:00+01:00")
        }
        return text
    }

    private func oneOf<Choice: RawRepresentable<String>>(
        _ field: String, _ object: JSONObject, _ choices: [Choice]
    ) throws(Refusal) -> Choice? {
        guard let text = try text(field, object) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let known = choices.map(\.rawValue)
        let suggestion = NearestName.suggestion(for: text, among: known)
        throw Refusal(
            code: "pair.unknown-value", at: locate([.key(field)]),
            "\"\(field)\" has a value that is not known; known are \(known.joined(separator: ", "))",
            mend: suggestion.map { "write \"\($0)\"" } ?? "write one of them or leave the field out")
    }

    // MARK: Messages

    func wrongType(
        _ field: String, _ value: JSONValue, _ wanted: String, at inside: [JSONPathStep] = []
    ) -> Refusal {
        Refusal(
            code: "pair.wrong-type", at: locate([.key(field)] + inside),
            "\"\(field)\" holds \(article(value.kindName)) where \(wanted) is expected", mend: "write \(wanted)")
    }

    func article(_ kind: String) -> String {
        switch kind {
        case "null": "null"
        case "array", "object": "an " + kind
        default: "a " + kind
        }
    }

    private func refuseBlank(_ text: PromptText, _ field: String, _ object: JSONObject) throws(Refusal) {
        guard text.isBlank else { return }
        let implicit = object["prompt"]?.isNull ?? true
        if implicit {
            throw Refusal(
                code: field == "prompt" ? "pair.no-prompt" : "pair.blank", at: locate([]),
                field == "prompt"
                    ? "there is no \"prompt\", and chosen and rejected do not begin alike"
                    : "there is no \"prompt\", and nothing of \"\(field)\" is left after the beginning that both share",
                mend: "write the prompt in a field of its own")
        }
        throw Refusal(
            code: "pair.blank", at: locate([.key(field)]), "\"\(field)\" is empty or shows nothing",
            mend: "write its text or remove the record")
    }
}
