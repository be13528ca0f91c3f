internal import Diagnostics
internal import StrictJSON

/// One record of an Argilla dataset, nested as `to_json` writes it or flattened as `to_datasets` does.
///
/// A ranking gives a pair for every two answers of different rank, a tie for every two of the same. Ratings need a column
/// mapping that says which question rates which field. Suggestions are a model's and are never taken for a person's.
struct ArgillaRecord {
    /// A person's answer to one question.
    private struct Response {
        let question: String
        let value: JSONValue
        let user: String?
        let isFinal: Bool
        let path: [JSONPathStep]
    }

    /// One of the texts that are compared, with the better ones' ranks smaller.
    private struct Ranked {
        let field: String
        let rank: Double
    }

    private let record: ForeignRecord
    private let mapping: ColumnMapping?
    private let fields: JSONObject
    private let fieldsPath: [JSONPathStep]
    private let metadata: JSONObject
    private let metadataPath: [JSONPathStep]
    private let responses: [Response]

    /// Whether an object looks like a record of either shape.
    static func fits(_ object: JSONObject) -> Bool {
        if object["fields"]?.object != nil { return object["responses"] != nil || object["suggestions"] != nil }
        return object.keys.contains { $0.hasSuffix(".responses.users") || $0.hasSuffix(".responses.status") }
    }

    init(_ record: ForeignRecord, _ mapping: ColumnMapping?, _ reader: inout FormatReader) throws(Refusal) {
        let object = try record.object()
        self.record = record
        self.mapping = mapping
        var responses: [Response] = []
        if object["fields"] != nil {
            fields = try record.object(object, "fields")
            fieldsPath = [.key("fields")]
            metadata = object["metadata"]?.object ?? JSONObject()
            metadataPath = [.key("metadata")]
            // Without their own states, the responses of a record that is not done may all be drafts.
            let isPending = object["status"]?.string == "pending"
            for question in (object["responses"]?.object ?? JSONObject()).members {
                let path: [JSONPathStep] = [.key("responses"), .key(question.key)]
                guard let answers = question.value.array else { throw record.wrong(path, "responses are no list") }
                for (index, answer) in answers.enumerated() {
                    guard let value = answer["value"] else {
                        throw record.wrong(path + [.index(index)], "a response without a value")
                    }
                    let status = answer["status"]?.string
                    guard status != nil || !isPending else { continue }
                    if status == nil { reader.note(Self.noStatus) }
                    responses.append(
                        Response(
                            question: question.key, value: value, user: answer["user_id"]?.string,
                            isFinal: status == nil || status == "submitted",
                            path: path + [.index(index), .key("value")]))
                }
            }
        } else {
            fields = object
            fieldsPath = []
            metadata = object
            metadataPath = []
            responses = try Self.flattened(object, record)
        }
        self.responses = responses
        let known = PreferencePair.fieldNames + ["additional", "exported_by"]
        for name in metadata.keys where metadataPath != [] && !known.contains(where: { $0.sameBytes(as: name) }) {
            reader.noteUnread(name)
        }
        if responses.contains(where: { $0.value.array?.first?.string != nil }) { reader.note(Self.noRanks) }
    }

    private static let noStatus =
        "Argilla's nested export leaves out whether a response was submitted: "
        + "drafts and discarded ones are read as answers"
    private static let noRanks =
        "Argilla's export lists ranked answers without their ranks: "
        + "a tie, where there was one, is read as an order"

    private static func flattened(_ object: JSONObject, _ record: ForeignRecord) throws(Refusal) -> [Response] {
        var responses: [Response] = []
        for member in object.members where member.key.hasSuffix(".responses") && !member.value.isNull {
            guard let values = member.value.array else {
                throw record.wrong([.key(member.key)], "responses are no list")
            }
            let users = object[member.key + ".users"]?.array
            let states = object[member.key + ".status"]?.array
            for list in [users, states] where list != nil && list?.count != values.count {
                throw record.wrong([.key(member.key)], "there are not as many users or states as responses")
            }
            for (index, value) in values.enumerated() {
                let status = states?[index].string
                responses.append(
                    Response(
                        question: String(member.key.dropLast(".responses".count)), value: value,
                        user: users?[index].string, isFinal: status == nil || status == "submitted",
                        path: [.key(member.key), .index(index)]))
            }
        }
        return responses
    }

    // MARK: Verdicts

    func verdicts() throws(Refusal) -> [FormatReader.Verdict] {
        let given = responses.filter(\.isFinal)
        guard !given.isEmpty else {
            throw FormatReader.noAnswer(
                record.place([]), "no submitted response: suggestions are not taken for answers")
        }
        let rankings: [(ranked: [Ranked], response: Response)]
        if let mapping, !mapping.ratings.isEmpty {
            rankings = try rated(given, mapping.ratings)
        } else {
            let question = try rankingQuestion(given)
            var list: [([Ranked], Response)] = []
            for response in given where response.question == question {
                list.append((try ranked(response), response))
            }
            rankings = list
        }
        guard !rankings.isEmpty else {
            throw FormatReader.noAnswer(record.place([]), "the question that ranks has no submitted response")
        }
        let count = rankings.reduce(0) { $0 + $1.ranked.count * ($1.ranked.count - 1) / 2 }
        var verdicts: [FormatReader.Verdict] = []
        for (ranked, response) in rankings {
            for (index, one) in ranked.enumerated() {
                for other in ranked[(index + 1)...] {
                    guard one.rank != other.rank else {
                        verdicts.append(.leftOut(FormatReader.tie(record.place(response.path))))
                        continue
                    }
                    let (better, worse) = one.rank < other.rank ? (one, other) : (other, one)
                    verdicts.append(.fields(try pair(better.field, worse.field, response, isOnly: count == 1)))
                }
            }
        }
        return verdicts
    }

    private func rankingQuestion(_ given: [Response]) throws(Refusal) -> String {
        if let question = mapping?.question { return question }
        let ranking = given.filter { response in
            response.value.array?.allSatisfy { $0.string != nil || ($0["value"] != nil && $0["rank"] != nil) } == true
                && (response.value.array?.count ?? 0) > 1
        }
        var names: [String] = []
        for name in ranking.map(\.question) where !names.contains(name) { names.append(name) }
        guard let name = names.first, names.count == 1 else {
            throw FormatReader.mappingNeeded(
                record.place([]),
                names.isEmpty
                    ? "no question of this record ranks answers"
                    : "\(names.count) questions of this record rank answers",
                mend: names.isEmpty
                    ? "name the rating question of each answer's field in a column mapping (ratings)"
                    : "name the question in a column mapping (question)")
        }
        return name
    }

    /// A ranking's answers: `{"value", "rank"}` objects, or names from the best to the worst.
    private func ranked(_ response: Response) throws(Refusal) -> [Ranked] {
        guard let values = response.value.array, values.count > 1 else {
            throw record.wrong(response.path, "a ranking of fewer than two answers")
        }
        var ranked: [Ranked] = []
        for (index, value) in values.enumerated() {
            let rank = value.string == nil ? value["rank"]?.int : index + 1
            guard let name = value.string ?? value["value"]?.string, let rank else {
                throw record.wrong(response.path + [.index(index)], "a ranked answer without a name or a rank")
            }
            let field = try field(named: name, response, index)
            guard !ranked.contains(where: { $0.field == field }) else {
                throw record.wrong(response.path + [.index(index)], "an answer is ranked twice")
            }
            ranked.append(Ranked(field: field, rank: Double(rank)))
        }
        return ranked
    }

    /// The field that holds a ranked answer: the one of that name, or the one that the mapping gives for the name.
    private func field(named name: String, _ response: Response, _ index: Int) throws(Refusal) -> String {
        for side in ["first", "second"] where mapping?.words[side]?.contains(where: { $0.sameBytes(as: name) }) == true
        {
            if let column = mapping?.column(side) { return column }
        }
        guard fields[name] != nil else {
            throw FormatReader.mappingNeeded(
                record.place(response.path + [.index(index)]), "a ranked answer has not the name of a field",
                mend: "give first and second in a column mapping, and their names under preference")
        }
        return name
    }

    /// Each person's ratings of the mapped fields as a ranking; the highest rating is the best.
    private func rated(
        _ given: [Response], _ ratings: [ColumnMapping.Entry]
    ) throws(Refusal) -> [(ranked: [Ranked], response: Response)] {
        var users: [String?] = []
        for response in given where !users.contains(response.user) { users.append(response.user) }
        var rankings: [([Ranked], Response)] = []
        for user in users {
            var ranked: [Ranked] = []
            var last: Response?
            for rating in ratings {
                let response = given.first { $0.user == user && $0.question.sameBytes(as: rating.column) }
                guard let response else { continue }
                guard let value = response.value.double else {
                    throw record.wrong(response.path, "a rating that is no number")
                }
                guard fields[rating.name] != nil else {
                    throw FormatReader.mappingNeeded(
                        record.place(fieldsPath), "a field that the mapping's ratings name is missing",
                        mend: "correct the mapping")
                }
                ranked.append(Ranked(field: rating.name, rank: -value))
                last = response
            }
            if ranked.count > 1, let last { rankings.append((ranked, last)) }
        }
        return rankings
    }

    // MARK: Pairs

    private func pair(
        _ chosen: String, _ rejected: String, _ response: Response, isOnly: Bool
    ) throws(Refusal) -> PairFields {
        let prompt = mapping?.column("prompt") ?? ["prompt", "instruction"].first { fields[$0] != nil }
        guard let prompt, let question = fields[prompt] else {
            throw FormatReader.mappingNeeded(
                record.place(fieldsPath), "no field is called prompt or instruction",
                mend: "name the prompt's field in a column mapping")
        }
        var pair = PairFields()
        for name in PreferencePair.fieldNames where !["prompt", "chosen", "rejected"].contains(name) {
            guard name != "id" || (isOnly && metadataPath != []), let value = metadata[name], !value.isNull
            else { continue }
            pair.set(name, Self.metadataValue(value, name), from: metadataPath + [.key(name)])
        }
        if metadata["exported_by"]?.string == ArgillaExport.exporter, pair.object["source"] == nil {
            pair.set("source", .null, from: metadataPath)
        }
        if pair.object["reviewer"] == nil, let user = response.user, user != Self.nobody {
            pair.set("reviewer", .string("argilla-" + user), from: response.path)
        }
        pair.set("prompt", question, from: fieldsPath + [.key(prompt)])
        for (side, name) in [("chosen", chosen), ("rejected", rejected)] {
            let value = fields[name] ?? .null
            let path = fieldsPath + [.key(name)]
            if question.array != nil, let text = value.string {
                let answer = PromptText.Message(role: "assistant", content: text)
                pair.set(side, messages: [(answer, path)], from: path)
            } else {
                pair.set(side, value, from: path)
            }
        }
        if let others = metadata["additional"], !others.isNull { try add(others, to: &pair) }
        return pair
    }

    /// Keys and names may be numbers, and a flag is a text, for metadata holds none.
    private static func metadataValue(_ value: JSONValue, _ name: String) -> JSONValue {
        switch value {
        case .number(let number): .string(number.literal)
        case .string("true") where name == "unseen_kind": true
        case .string("false") where name == "unseen_kind": false
        default: value
        }
    }

    /// The user of a response that nobody gave.
    static let nobody = "00000000-0000-0000-0000-000000000000"

    /// Overread's own exports keep the fields that it does not know as JSON text in the metadata.
    private func add(_ others: JSONValue, to pair: inout PairFields) throws(Refusal) {
        let path = metadataPath + [.key("additional")]
        guard let text = others.string,
            let object = try? JSONValue(parsing: Array(text.utf8), named: "", limits: PairDecoder.limits).object
        else { throw record.wrong(path, "\"additional\" holds no JSON object as text") }
        for member in object.members {
            guard !PreferencePair.fieldNames.contains(member.key) else {
                throw record.wrong(path, "\"additional\" holds a field that has its own place")
            }
            pair.set(member.key, member.value, from: path)
        }
    }
}
