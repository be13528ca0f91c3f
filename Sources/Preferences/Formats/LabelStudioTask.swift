internal import Diagnostics
internal import StrictJSON

/// One task of Label Studio's JSON export with a `Pairwise` control.
///
/// The export says `left` or `right` and not which of the task's values was shown there: that stands in the labelling
/// configuration only. The names of Label Studio's own templates are known here; others need a column mapping with
/// `first` for the left and `second` for the right.
struct LabelStudioTask {
    /// Left and right in Label Studio's templates.
    private static let templates = [("answer1", "answer2"), ("response1", "response2"), ("text1", "text2")]

    private let record: ForeignRecord
    private let mapping: ColumnMapping?
    private let data: JSONObject
    private let annotations: [JSONValue]
    private let prompt: String
    private let left: String
    private let right: String

    /// Whether an object looks like a task.
    static func fits(_ object: JSONObject) -> Bool {
        object["data"]?.object != nil && object["annotations"]?.array != nil
    }

    init(_ record: ForeignRecord, _ mapping: ColumnMapping?, _ reader: inout FormatReader) throws(Refusal) {
        let object = try record.object()
        self.record = record
        self.mapping = mapping
        let data = try record.object(object, "data")
        self.data = data
        guard let annotations = object["annotations"]?.array else {
            throw record.wrong([.key("annotations")], "\"annotations\" is missing or no list")
        }
        self.annotations = annotations
        let known = Self.templates.filter { data[$0.0] != nil && data[$0.1] != nil }
        let sides: (String, String)? =
            if let first = mapping?.column("first"), let second = mapping?.column("second") {
                (first, second)
            } else {
                known.count == 1 ? known[0] : nil
            }
        let prompt = mapping?.column("prompt") ?? "prompt"
        guard let sides, data[sides.0] != nil, data[sides.1] != nil, data[prompt] != nil else {
            throw FormatReader.mappingNeeded(
                record.place([.key("data")]), "the task does not say which of its values were compared, left and right",
                mend: "name prompt, first (left) and second (right) in a column mapping")
        }
        (left, right) = sides
        self.prompt = prompt
        for name in data.keys where ![prompt, left, right].contains(name) && !Self.kept.contains(name) {
            reader.noteUnread(name)
        }
    }

    /// The fields of a pair that a task's data may hold beside the texts.
    private static let kept = PreferencePair.fieldNames.filter {
        !["id", "reviewer", "created", "prompt", "chosen", "rejected"].contains($0)
    }

    func verdicts() throws(Refusal) -> [FormatReader.Verdict] {
        guard !annotations.isEmpty else { throw FormatReader.noAnswer(record.place([]), "the task has no annotation") }
        return annotations.indices.map { index in
            do throws(Refusal) {
                return .fields(try verdict(index))
            } catch {
                return .leftOut(error)
            }
        }
    }

    private func verdict(_ index: Int) throws(Refusal) -> PairFields {
        let path: [JSONPathStep] = [.key("annotations"), .index(index)]
        let annotation = annotations[index]
        guard annotation["was_cancelled"]?.bool != true else {
            throw FormatReader.noAnswer(record.place(path), "the annotation was skipped")
        }
        guard let results = annotation["result"]?.array else {
            throw record.wrong(path, "an annotation without a list of results")
        }
        var choices: [(value: String?, path: [JSONPathStep])] = []
        for (position, result) in results.enumerated() where result["type"]?.string == "pairwise" {
            if let question = mapping?.question, result["from_name"]?.string != question { continue }
            choices.append(
                (
                    result["value"]?["selected"]?.string,
                    path + [.key("result"), .index(position), .key("value"), .key("selected")]
                ))
        }
        guard let choice = choices.first else {
            throw FormatReader.noAnswer(record.place(path), "the annotation has no pairwise result")
        }
        guard choices.count == 1 else {
            throw FormatReader.mappingNeeded(
                record.place(path), "the annotation has \(choices.count) pairwise results",
                mend: "name the control in a column mapping (question)")
        }
        let chosen: String
        switch choice.value {
        case "left", left: chosen = left
        case "right", right: chosen = right
        default:
            throw Refusal(
                code: "pair.unknown-value", at: record.place(choice.path),
                "the selected side is neither left nor right",
                mend: "export the task again")
        }
        return pair(chosen: chosen, rejected: chosen == left ? right : left, annotation, path)
    }

    private func pair(
        chosen: String, rejected: String, _ annotation: JSONValue, _ path: [JSONPathStep]
    ) -> PairFields {
        var pair = PairFields()
        for name in Self.kept {
            guard let value = data[name], !value.isNull else { continue }
            let text = if case .number(let number) = value { JSONValue.string(number.literal) } else { value }
            pair.set(name, text, from: [.key("data"), .key(name)])
        }
        if let reviewer = Self.reviewer(annotation["completed_by"]) {
            pair.set("reviewer", .string(reviewer), from: path + [.key("completed_by")])
        }
        if let created = annotation["created_at"]?.string, UTCTime(created) != nil {
            pair.set("created", .string(created), from: path + [.key("created_at")])
        }
        for (field, name) in [("prompt", prompt), ("chosen", chosen), ("rejected", rejected)] {
            pair.set(field, data[name] ?? .null, from: [.key("data"), .key(name)])
        }
        return pair
    }

    /// A key for who annotated: the account's number.
    ///
    /// An e-mail address is hashed, for it names a person.
    private static func reviewer(_ value: JSONValue?) -> String? {
        if let number = value?.int ?? value?["id"]?.int { return "label-studio-\(number)" }
        guard let name = value?.string ?? value?["email"]?.string else { return nil }
        return "label-studio-" + ContentDigest.sha256(Array(name.utf8)).prefix(16)
    }
}
