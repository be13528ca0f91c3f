internal import Diagnostics
internal import StrictJSON

/// Flat records of anybody's, read through a column mapping, and CSV rows with Overread's own field names.
enum MappedRecord {
    /// CSV columns besides a pair's fields: whether the texts are messages, and the fields that Overread does not know.
    static let ownColumns = ["form", "additional"]

    /// Refuses a CSV's columns that no record of it could be read from.
    ///
    /// - Parameter place: where the name of a column stands.
    static func checkHeader(
        _ names: [String], _ mapping: ColumnMapping?, place: (Int) -> String
    ) throws(Refusal) {
        if let mapping {
            for column in mapping.columns.map(\.column) where !names.contains(where: { $0.sameBytes(as: column) }) {
                throw Refusal(
                    code: "csv.header", at: place(0), "a column that the mapping names is missing",
                    mend: "correct the mapping, or the names in the first line")
            }
            return
        }
        let known = PreferencePair.fieldNames + ownColumns
        for (index, name) in names.enumerated() where !known.contains(where: { $0.sameBytes(as: name) }) {
            let nearest = NearestName.suggestion(for: name, among: known)
            throw Refusal(
                code: "csv.header", at: place(index), "a column has a name that Overread does not know",
                mend: nearest.map { "call it \"\($0)\", or give a column mapping" } ?? "give a column mapping")
        }
    }

    static func fields(
        _ record: ForeignRecord, _ mapping: ColumnMapping?, _ reader: inout FormatReader
    ) throws(Refusal) -> PairFields {
        let object = try record.object()
        guard let mapping else { return try ownFields(object, record) }
        var fields = PairFields()
        for entry in mapping.columns where !ColumnMapping.choiceFields.contains(entry.name) {
            let path: [JSONPathStep] = [.key(entry.column)]
            guard let value = object[entry.column] else {
                guard !ColumnMapping.textFields.contains(entry.name) else { throw missing(record) }
                continue
            }
            fields.set(entry.name, try typed(value, as: entry.name, at: path, record), from: path)
        }
        if let columns = choice(mapping) {
            let order = try preferred(object, mapping, record)
            for (side, column) in zip(["chosen", "rejected"], order == .first ? columns : columns.reversed()) {
                guard let value = object[column] else { throw missing(record) }
                fields.set(side, value, from: [.key(column)])
            }
        }
        let named = mapping.columns.map(\.column)
        for name in object.keys where !named.contains(where: { $0.sameBytes(as: name) }) { reader.noteUnread(name) }
        return fields
    }

    private static func missing(_ record: ForeignRecord) -> Refusal {
        Refusal(
            code: "pair.missing-field", at: record.place([]), "a column that the mapping names is missing",
            mend: "add it, or correct the mapping")
    }

    private static func choice(_ mapping: ColumnMapping) -> [String]? {
        guard let first = mapping.column("first"), let second = mapping.column("second") else { return nil }
        return [first, second]
    }

    // MARK: Which is preferred

    private enum Side { case first, second }

    private static func preferred(
        _ object: JSONObject, _ mapping: ColumnMapping, _ record: ForeignRecord
    ) throws(Refusal) -> Side {
        guard let column = mapping.column("preference") else {
            throw FormatReader.mappingNeeded(
                record.place([]), "the mapping does not say which column tells first from second",
                mend: "add columns: {preference: …}")
        }
        guard let value = object[column] else { throw missing(record) }
        let place = record.place([.key(column)])
        guard let word = word(value) else {
            throw FormatReader.noAnswer(place, "the preference column is empty")
        }
        switch mapping.words.first(where: { $0.value.contains { $0.sameBytes(as: word) } })?.key {
        case "first": return .first
        case "second": return .second
        case "tie": throw FormatReader.tie(place)
        default:
            throw Refusal(
                code: "pair.unknown-value", at: place,
                "the preference column has a word that the mapping does not know",
                mend: "add the word to the mapping's preference, or correct the record")
        }
    }

    /// A text, a number as written, or true or false; nil for nothing.
    static func word(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text.isEmpty ? nil : text
        case .number(let number): number.literal
        case .bool(let flag): flag ? "true" : "false"
        default: nil
        }
    }

    // MARK: Values

    /// A column's value as a pair's field wants it: keys and names may be numbers, and rows hold lists as JSON text.
    private static func typed(
        _ value: JSONValue, as field: String, at path: [JSONPathStep], _ record: ForeignRecord
    ) throws(Refusal) -> JSONValue {
        switch field {
        case "prompt", "chosen", "rejected", "findings": return value
        case "finding_kinds", "unseen_kind": return record.isRow ? try embedded(value, at: path, record) : value
        default:
            if case .number(let number) = value { return .string(number.literal) }
            return value
        }
    }

    /// The JSON value that a cell holds as text.
    private static func embedded(
        _ value: JSONValue, at path: [JSONPathStep], _ record: ForeignRecord
    ) throws(Refusal) -> JSONValue {
        guard let text = value.string else { return .null }
        do throws(Refusal) {
            return try JSONValue(parsing: Array(text.utf8), named: "", limits: PairDecoder.limits)
        } catch {
            throw Refusal(
                code: error.code, at: record.place(path),
                "inside the cell, at \(error.location.dropFirst()): \(error.problem)",
                mend: error.remedy)
        }
    }

    /// A row whose columns have a pair's own field names.
    private static func ownFields(_ object: JSONObject, _ record: ForeignRecord) throws(Refusal) -> PairFields {
        let form = object["form"]?.string ?? "text"
        guard ["text", "messages"].contains(form) else {
            throw Refusal(
                code: "pair.unknown-value", at: record.place([.key("form")]),
                "\"form\" is neither text nor messages", mend: "write one of them")
        }
        var fields = PairFields()
        for member in object.members where !ownColumns.contains(member.key) && !member.value.isNull {
            let path: [JSONPathStep] = [.key(member.key)]
            let isMessages = form == "messages" && ColumnMapping.textFields.contains(member.key)
            let value =
                isMessages
                ? try embedded(member.value, at: path, record)
                : try typed(member.value, as: member.key, at: path, record)
            fields.set(member.key, value, from: path)
        }
        if let cell = object["additional"], !cell.isNull {
            guard let others = try embedded(cell, at: [.key("additional")], record).object else {
                throw record.wrong([.key("additional")], "\"additional\" holds no JSON object")
            }
            for member in others.members {
                guard !PreferencePair.fieldNames.contains(member.key) else {
                    throw record.wrong([.key("additional")], "\"additional\" holds a field that has its own column")
                }
                fields.set(member.key, member.value, from: [.key("additional")])
            }
        }
        return fields
    }
}
