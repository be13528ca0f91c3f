internal import Diagnostics
internal import StrictJSON

/// One record of a foreign file, with the places of its values.
struct ForeignRecord {
    let value: JSONValue
    let line: Int
    let offset: Int64
    let length: Int64
    /// `file:line:column` of the value at a path, or of the nearest value around it that is there.
    let place: ([JSONPathStep]) -> String
    /// Whether every value is text, with absent values null: a row of a CSV file.
    var isRow = false

    /// The record's members; refuses a record that is no object.
    func object() throws(Refusal) -> JSONObject {
        if let object = value.object { return object }
        throw Refusal(
            code: "pair.wrong-type", at: place([]), "a record is an object; this is another kind of value",
            mend: "write one object for each record")
    }

    /// A value that must be there and be an object.
    func object(_ parent: JSONObject, _ key: String, at path: [JSONPathStep] = []) throws(Refusal) -> JSONObject {
        if let object = parent[key]?.object { return object }
        throw wrong(path + (parent[key] == nil ? [] : [.key(key)]), "\"\(key)\" is missing or no object")
    }

    /// A value of the wrong kind or shape.
    func wrong(_ path: [JSONPathStep], _ problem: String, mend remedy: String = "correct the record") -> Refusal {
        Refusal(code: "pair.wrong-type", at: place(path), problem, mend: remedy)
    }

    /// Turns that a pair cannot hold.
    func badTurns(_ path: [JSONPathStep], _ problem: String) -> Refusal {
        Refusal(
            code: "pair.bad-turns", at: place(path), problem,
            mend: "write alternating turns of user and assistant, the user's first, and one answer")
    }

    /// A closure that places a path in a piece of a file.
    static func locator(
        _ bytes: [UInt8], file: String, line: Int, column: Int
    ) -> ([JSONPathStep]) -> String {
        { path in
            var path = path
            while true {
                let found = JSONPosition.locate(path, in: bytes, firstLine: line, limits: PairDecoder.limits)
                if let found {
                    let shift = found.line == line ? column - 1 : 0
                    return "\(file):\(found.line):\(found.column + shift)"
                }
                if path.isEmpty { return "\(file):\(line):\(column)" }
                path.removeLast()
            }
        }
    }
}

/// A pair's fields as a foreign record gives them, each with the place that it came from.
struct PairFields {
    private(set) var object = JSONObject()
    private var origins: [(field: [JSONPathStep], source: [JSONPathStep])] = []

    /// Sets a field from the value at a path of the record.
    mutating func set(_ field: String, _ value: JSONValue, from source: [JSONPathStep]) {
        object[field] = value
        origins.append(([.key(field)], source))
    }

    /// Sets a field to messages, each from a path of the record.
    mutating func set(
        _ field: String, messages: [(message: PromptText.Message, source: [JSONPathStep])], from source: [JSONPathStep]
    ) {
        set(field, PromptText.messages(messages.map(\.message)).json, from: source)
        for (index, message) in messages.enumerated() {
            origins.append(([.key(field), .index(index)], message.source))
        }
    }

    /// Checks the fields as those of any record are checked, and makes the pair.
    func pair(of record: ForeignRecord) throws(Refusal) -> PreferencePair {
        try PairDecoder(value: .object(object), locate: { record.place(source(of: $0)) }).pair()
    }

    private func source(of path: [JSONPathStep]) -> [JSONPathStep] {
        let known = origins.filter { path.starts(with: $0.field) }.max { $0.field.count < $1.field.count }
        guard let known else { return path }
        return known.source + path.dropFirst(known.field.count)
    }
}
