internal import Diagnostics
internal import StrictJSON

/// The fields of a JSON body, read by type; fields that are not known are refused.
struct BodyFields: Sendable {
    let object: JSONObject
    /// Where it stands, for messages: empty for the body itself.
    let place: String

    /// Reads a body that is one JSON object.
    init(parsing bytes: [UInt8]) throws(Refusal) {
        let limits = JSONLimits(depth: 16)
        guard case .object(let object) = try JSONValue(parsing: bytes, named: "body", limits: limits) else {
            throw Refusal(code: "request.bad-body", at: "body", "not a JSON object", mend: "send one object")
        }
        self.object = object
        place = ""
    }

    private init(_ object: JSONObject, at place: String) {
        self.object = object
        self.place = place
    }

    /// Refuses fields other than these.
    func allowOnly(_ names: String...) throws(Refusal) {
        for key in object.keys where !names.contains(where: { $0.utf8.elementsEqual(key.utf8) }) {
            throw Refusal(
                code: "request.unknown-field", at: place.isEmpty ? "body" : place,
                "there is a field that is not known here; known are \(names.joined(separator: ", "))",
                mend: "leave it out")
        }
    }

    /// A text of a length in bytes; nil when it is not there or null.
    func optionalText(_ name: String, bytes: ClosedRange<Int> = 1...256) throws(Refusal) -> String? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let text = value.string, bytes.contains(text.utf8.count) else {
            throw bad(name, "not a text of \(bytes.lowerBound) to \(bytes.upperBound) bytes")
        }
        return text
    }

    /// A text that must be there.
    func text(_ name: String, bytes: ClosedRange<Int> = 1...256) throws(Refusal) -> String {
        try required(name, optionalText(name, bytes: bytes))
    }

    /// A whole number in a range; nil when it is not there or null.
    func optionalInteger(_ name: String, in range: ClosedRange<Int>) throws(Refusal) -> Int? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let number = value.int, range.contains(number) else {
            throw bad(name, "not a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A whole number that must be there.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(Refusal) -> Int {
        try required(name, optionalInteger(name, in: range))
    }

    /// The number of a row, from 1.
    func id(_ name: String) throws(Refusal) -> Int64 {
        Int64(try integer(name, in: 1...Int.max))
    }

    /// True or false; nil when it is not there or null.
    func optionalBool(_ name: String) throws(Refusal) -> Bool? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let bool = value.bool else { throw bad(name, "neither true nor false") }
        return bool
    }

    /// True or false, which must be there.
    func bool(_ name: String) throws(Refusal) -> Bool {
        try required(name, optionalBool(name))
    }

    /// One of a closed set of words; nil when it is not there or null.
    func optionalChoice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Choice.Type = Choice.self
    ) throws(Refusal) -> Choice? where Choice.RawValue == String {
        guard let value = object[name], !value.isNull else { return nil }
        guard let choice = value.string.flatMap(Choice.init(rawValue:)) else {
            let all = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw bad(name, "none of \(all)")
        }
        return choice
    }

    /// One of a closed set of words, which must be there.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Choice.Type = Choice.self
    ) throws(Refusal) -> Choice where Choice.RawValue == String {
        try required(name, optionalChoice(name, type))
    }

    /// A list; empty when it is not there or null.
    func list(_ name: String, atMost count: Int) throws(Refusal) -> [JSONValue] {
        guard let value = object[name], !value.isNull else { return [] }
        guard let list = value.array, list.count <= count else {
            throw bad(name, "not a list of at most \(count) entries")
        }
        return list
    }

    /// A list of objects.
    func objects(_ name: String, atMost count: Int) throws(Refusal) -> [BodyFields] {
        var result: [BodyFields] = []
        for (index, value) in try list(name, atMost: count).enumerated() {
            guard let object = value.object else { throw bad("\(name)[\(index)]", "not an object") }
            result.append(BodyFields(object, at: spot("\(name)[\(index)]")))
        }
        return result
    }

    /// An object; nil when it is not there or null.
    func optionalObject(_ name: String) throws(Refusal) -> BodyFields? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let object = value.object else { throw bad(name, "not an object") }
        return BodyFields(object, at: spot(name))
    }

    /// The refusal of a field.
    func bad(_ name: String, _ problem: String) -> Refusal {
        Refusal(code: "request.bad-field", at: spot(name), problem, mend: "see /api/v1/openapi.yaml")
    }

    private func spot(_ name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }

    private func required<Value>(_ name: String, _ value: Value?) throws(Refusal) -> Value {
        guard let value else { throw bad(name, "it must be there") }
        return value
    }
}
