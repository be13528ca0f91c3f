import Diagnostics
import Foundation
import Preferences
import StrictJSON
import Testing

@Suite("Foreign formats: Argilla and Label Studio")
struct AnnotationToolTests {
    func replaced(_ text: String, _ old: String, _ new: String) -> String {
        text.replacingOccurrences(of: old, with: new)
    }

    // MARK: Argilla

    @Test("a ranking gives a pair for every two answers of different rank, and a tie for equal ones")
    func ranking() throws {
        let result = try reading(FormatSamples.nested)
        #expect(result.pairs.map(\.chosen) == [.text("Normal chest."), .text("Normal chest.")])
        #expect(Set(result.pairs.map(\.rejected.plainText)) == ["chest ok", "Chest: normal."])
        #expect(result.leftOut == [LeftOut(.tie, 1)])
        #expect(result.pairs.allSatisfy { $0.reviewer == "argilla-u-1" && $0.patient == "P1" })
        #expect(result.pairs.allSatisfy { $0.source == "argilla" })
        #expect(result.notes.contains { $0.hasPrefix("1 field was left out") })
    }

    @Test("the flattened export is read with its users and states")
    func flattened() throws {
        let record = """
            {"prompt": "Write.", "a": "Normal chest.", "b": "chest ok", "order.responses": \
            [["a", "b"], ["b", "a"], ["b", "a"]], "order.responses.users": ["u-1", "u-2", "u-3"], \
            "order.responses.status": ["submitted", "draft", "discarded"], "order.suggestion": ["b", "a"]}
            """
        let result = try reading(record)
        #expect(result.format == .argilla && result.pairs.map(\.chosen) == [.text("Normal chest.")])
        #expect(result.pairs.first?.reviewer == "argilla-u-1")
        #expect(result.notes.contains { $0.contains("without their ranks") })
        #expect(try refusal(of: replaced(record, "[\"u-1\", \"u-2\", \"u-3\"]", "[\"u-1\"]"))?.0 == "pair.wrong-type")
        let pending = replaced(record, "\"submitted\"", "\"draft\"")
        #expect(try reading(pending).leftOut == [LeftOut(.noAnswer, 1)])
    }

    @Test("a suggestion is never taken for an answer")
    func suggestions() throws {
        let record = """
            {"fields": {"prompt": "p", "a": "x", "b": "y"}, "suggestions": {"order": {"value": ["a", "b"]}}, \
            "responses": {}}
            """
        let result = try reading(record)
        #expect(result.pairs.isEmpty && result.leftOut == [LeftOut(.noAnswer, 1)])
    }

    @Test("an export without response states is read and says so")
    func noStates() throws {
        let result = try reading(replaced(FormatSamples.nested, ", \"status\": \"submitted\"", ""))
        #expect(result.pairs.count == 2)
        #expect(result.notes.contains { $0.contains("drafts and discarded ones are read as answers") })
    }

    @Test("ratings need a mapping, and then rank the fields that it names, person by person")
    func ratings() throws {
        let record = """
            {"fields": {"instruction": "p", "a": "x", "b": "y"}, "responses": {\
            "rate-a": [{"value": 4, "user_id": "u-1", "status": "submitted"}, \
            {"value": 3, "user_id": "u-2", "status": "submitted"}], \
            "rate-b": [{"value": 2, "user_id": "u-1", "status": "submitted"}, \
            {"value": 3, "user_id": "u-2", "status": "submitted"}]}}
            """
        #expect(try refusal(of: record)?.0 == "format.mapping-needed")
        let mapping = "columns: {prompt: instruction}\nratings: {a: rate-a, b: rate-b}\n"
        let result = try reading(record, mapping: mapping)
        #expect(result.format == .argilla && result.pairs.map(\.chosen) == [.text("x")])
        #expect(result.pairs.first?.reviewer == "argilla-u-1" && result.leftOut == [LeftOut(.tie, 1)])
    }

    @Test("ranked names that are no fields are matched by the mapping, and refused without one")
    func renamed() throws {
        let record = """
            {"fields": {"prompt": "p", "left_text": "x", "right_text": "y"}, "responses": {"order": [{"value": \
            [{"value": "B", "rank": 1}, {"value": "A", "rank": 2}], "user_id": "u", "status": "submitted"}]}}
            """
        let found = try refusal(of: record)
        #expect(found?.0 == "format.mapping-needed")
        let mapping = """
            columns: {prompt: prompt, first: left_text, second: right_text}
            preference: {first: [A], second: [B]}

            """
        #expect(try reading(record, mapping: mapping).pairs.map(\.chosen) == [.text("y")])
    }

    @Test("two ranking questions need a mapping that names one")
    func twoQuestions() throws {
        let other =
            "\"responses\": {\"style\": [{\"value\": [\"b\", \"a\"], \"user_id\": \"u\", \"status\": "
            + "\"submitted\"}], "
        let record = replaced(FormatSamples.nested, "\"responses\": {", other)
        #expect(try refusal(of: record)?.0 == "format.mapping-needed")
        let result = try reading(record, mapping: "columns: {prompt: prompt}\nquestion: style\n")
        #expect(result.pairs.map(\.chosen) == [.text("chest ok")])
    }

    // MARK: Label Studio

    @Test("a pairwise result chooses a side, with who and when")
    func pairwise() throws {
        let pair = try #require(try reading(FormatSamples.task).pairs.first)
        #expect(pair.prompt == .text("Write.") && pair.chosen == .text("Normal chest."))
        #expect(pair.reviewer == "label-studio-3" && pair.created == "2026-01-05T10:00:00.123456Z")
        let right = replaced(FormatSamples.task, "\"left\"", "\"right\"")
        #expect(try reading(right).pairs.first?.chosen == .text("chest ok"))
        let byName = replaced(FormatSamples.task, "\"selected\": \"left\"", "\"selected\": \"answer2\"")
        #expect(try reading(byName).pairs.first?.chosen == .text("chest ok"))
        #expect(try refusal(of: replaced(FormatSamples.task, "\"left\"", "\"both\""))?.0 == "pair.unknown-value")
    }

    @Test("an e-mail address of an annotator is hashed, an account's number kept")
    func reviewer() throws {
        let object = replaced(
            FormatSamples.task, "\"completed_by\": 3", "\"completed_by\": {\"id\": 9, \"email\": \"a@b.example\"}")
        #expect(try reading(object).pairs.first?.reviewer == "label-studio-9")
        let text = replaced(FormatSamples.task, "\"completed_by\": 3", "\"completed_by\": \"a@b.example\"")
        let key = try #require(try reading(text).pairs.first?.reviewer)
        #expect(key.hasPrefix("label-studio-") && !key.contains("example") && key.utf8.count == 29)
    }

    @Test("tasks without a verdict are left out and counted, and refuse nothing")
    func unanswered() throws {
        let texts = [
            replaced(FormatSamples.task, "\"was_cancelled\": false", "\"was_cancelled\": true"),
            replaced(FormatSamples.task, "\"type\": \"pairwise\"", "\"type\": \"choices\""),
            "{\"data\": {\"prompt\": \"p\", \"answer1\": \"x\", \"answer2\": \"y\"}, \"annotations\": []}",
        ]
        for text in texts {
            let result = try reading(text)
            #expect(result.pairs.isEmpty && result.leftOut == [LeftOut(.noAnswer, 1)])
        }
    }

    @Test("two annotators who agree give one pair, and two who do not give none, whichever came first")
    func agreement() throws {
        let one = "{\"completed_by\": 1, \"result\": [{\"type\": \"pairwise\", \"value\": {\"selected\": \"left\"}}]}"
        let other = replaced(one, "left", "right")
        let task = { (annotations: [String]) in
            "{\"data\": {\"prompt\": \"p\", \"answer1\": \"x\", \"answer2\": \"y\"}, \"annotations\": ["
                + annotations.joined(separator: ", ") + "]}"
        }
        let agreed = try reading(task([one, one, one]))
        #expect(agreed.pairs.count == 1 && agreed.leftOut == [LeftOut(.duplicate, 2)])
        for annotations in [[one, other], [other, one], [one, one, other]] {
            let result = try reading(task(annotations))
            #expect(result.pairs.isEmpty && result.leftOut == [LeftOut(.conflict, annotations.count)])
        }
    }

    @Test("which values were left and right is never guessed")
    func sides() throws {
        let other = replaced(replaced(FormatSamples.task, "answer1\":", "draft\":"), "answer2\":", "final\":")
        #expect(try refusal(of: other)?.0 == "format.mapping-needed")
        let mapping = "columns: {prompt: prompt, first: final, second: draft}\n"
        #expect(try reading(other, mapping: mapping).pairs.first?.chosen == .text("chest ok"))
        let twice = replaced(
            FormatSamples.task, "\"data\": {", "\"data\": {\"text1\": \"a\", \"text2\": \"b\", ")
        #expect(try refusal(of: twice)?.0 == "format.mapping-needed")
    }

    @Test("two controls in one annotation need a mapping that names one")
    func controls() throws {
        let second = "[{\"from_name\": \"style\", \"type\": \"pairwise\", \"value\": {\"selected\": \"right\"}}, "
        let text = replaced(FormatSamples.task, "\"result\": [", "\"result\": " + second)
        #expect(try refusal(of: text)?.0 == "format.mapping-needed")
        let result = try reading(text, mapping: "columns: {prompt: prompt}\nquestion: style\n")
        #expect(result.pairs.first?.chosen == .text("chest ok"))
    }
}
