import Diagnostics
import Foundation
import Preferences
import StrictJSON
import Testing

@Suite("Preference pairs: reading records")
struct PreferencePairTests {
    func pair(_ text: String, line: Int = 1) throws(Refusal) -> PreferencePair {
        try PreferencePair(jsonLine: Array(text.utf8), named: "f", line: line)
    }

    func refusal(_ text: String) -> Refusal? {
        #expect(throws: Refusal.self) { try pair(text) }
    }

    static let shipped = """
        {"id": "syn-0001", "patient": "P0001", "exam": "E0001", "modality": "CT", "body_part": "head", "source": \
        "synthetic", "reviewer": "house-style", "created": "2026-02-24T00:00:00Z", "split": "held_out", \
        "rejected_kind": "off_style", "finding_kinds": ["haemorrhage"], "unseen_kind": true, "findings": "F", "prompt": \
        [{"role": "user", "content": "Write."}], "chosen": [{"role": "assistant", "content": "IMPRESSION:\\n1. No."}], \
        "rejected": [{"role": "assistant", "content": "no"}], "extra": {"b": 1, "a": [2.50]}}
        """

    @Test("the record that ships is read field by field and written back as it was")
    func shippedRecord() throws {
        let pair = try pair(Self.shipped)
        #expect(pair.id == "syn-0001")
        #expect(pair.patient == "P0001" && pair.exam == "E0001" && pair.modality == "CT" && pair.bodyPart == "head")
        #expect(pair.source == "synthetic" && pair.reviewer == "house-style" && pair.created == "2026-02-24T00:00:00Z")
        #expect(pair.split == .heldOut && pair.rejectedKind == .offStyle && pair.findingKinds == ["haemorrhage"])
        #expect(pair.unseenKind && pair.findings == "F")
        #expect(pair.prompt == .messages([.init(role: "user", content: "Write.")]))
        #expect(pair.chosen == .messages([.init(role: "assistant", content: "IMPRESSION:\n1. No.")]))
        #expect(pair.additional["extra"]?.serialized() == "{\"b\":1,\"a\":[2.50]}")
        let parsed = try JSONValue(parsing: Array(Self.shipped.utf8), named: "f")
        #expect(pair.jsonLine == parsed.serialized())
    }

    @Test("a record without an id is called by its content, the same every time")
    func derivedID() throws {
        let a = try pair("{\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"r\"}")
        let b = try pair("{\"rejected\":\"r\",\"chosen\":\"c\",\"prompt\":\"p\",\"id\":null}")
        #expect(a.id == b.id && a.id.hasPrefix("pair-") && a.id.utf8.count == 21)
        #expect(a.patient == nil && a.split == nil && a.findingKinds.isEmpty && !a.unseenKind)
        let other = try pair("{\"prompt\":\"pc\",\"chosen\":\"\\u200bc\",\"rejected\":\"r\"}")
        #expect(a.contentDigest != other.contentDigest)
    }

    @Test("an implicit plain prompt is the shared beginning, its last space left to the answers")
    func implicitText() throws {
        let pair = try pair("{\"chosen\":\"The sky is blue.\",\"rejected\":\"The sky is green.\"}")
        #expect(pair.prompt == .text("The sky is"))
        #expect(pair.chosen == .text(" blue.") && pair.rejected == .text(" green."))
        let inWord = try self.pair("{\"chosen\":\"sky 😀a\",\"rejected\":\"sky 😀b\"}")
        #expect(inWord.prompt == .text("sky") && inWord.chosen == .text(" 😀a"))
    }

    @Test("an implicit conversation's prompt is its shared messages")
    func implicitMessages() throws {
        let question = "{\"role\":\"user\",\"content\":\"q\"}"
        let pair = try pair(
            "{\"chosen\":[\(question),{\"role\":\"assistant\",\"content\":\"a\"}],"
                + "\"rejected\":[\(question),{\"role\":\"assistant\",\"content\":\"b\"}]}")
        #expect(pair.prompt == .messages([.init(role: "user", content: "q")]))
        #expect(pair.rejected == .messages([.init(role: "assistant", content: "b")]))
    }

    @Test("where TRL's rule for implicit prompts goes wrong, the record is refused")
    func implicitRefused() {
        #expect(refusal("{\"chosen\":\"The sky\",\"rejected\":\"The sky is\"}")?.code == "pair.blank")
        #expect(refusal("{\"chosen\":\"abc \",\"rejected\":\"xyz \"}")?.code == "pair.no-prompt")
        let question = "{\"role\":\"user\",\"content\":\"q\"}"
        let answer = "{\"role\":\"assistant\",\"content\":\"a\"}"
        #expect(refusal("{\"chosen\":[\(question)],\"rejected\":[\(question),\(answer)]}")?.code == "pair.blank")
        #expect(refusal("{\"chosen\":[\(answer)],\"rejected\":[\(question),\(answer)]}")?.code == "pair.no-prompt")
    }

    @Test(
        "a bad record gives one refusal with its place",
        arguments: [
            ("[1]", "pair.wrong-type", "f:1:1"), ("{\"prompt\":\"p\"}", "pair.not-a-preference", "f:1:1"),
            ("{\"text\":\"p\"}", "pair.not-a-preference", "f:1:1"),
            ("{\"messages\":[]}", "pair.not-a-preference", "f:1:1"),
            ("{\"prompt\":\"p\",\"completion\":\"c\",\"label\":true}", "pair.not-a-preference", "f:1:1"),
            ("{\"prompt\":\"p\",\"completions\":[],\"labels\":[]}", "pair.not-a-preference", "f:1:1"),
            ("{\"prompt\":\"p\",\"chosen\":\"c\"}", "pair.missing-field", "f:1:1"),
            ("{\"prompt\":\"p\",\"chosen\":\"c\",\"rejcted\":\"r\"}", "pair.missing-field", "f:1:38"),
            ("{\"prompt\":\"p\",\"chosen\":1,\"rejected\":\"r\"}", "pair.wrong-type", "f:1:24"),
            ("{\"prompt\":\"p\",\"chosen\":[\"c\"],\"rejected\":[\"r\"]}", "pair.wrong-type", "f:1:25"),
            ("{\"prompt\":\"p\",\"chosen\":\"\",\"rejected\":\"r\"}", "pair.blank", "f:1:24"),
            ("{\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\" \\n\\t\"}", "pair.blank", "f:1:39"),
            ("{\"prompt\":\"p\",\"chosen\":\"\\u200b\\ufeff\\u2060\",\"rejected\":\"r\"}", "pair.blank", "f:1:24"),
            ("{\"prompt\":\"\",\"chosen\":\"c\",\"rejected\":\"r\"}", "pair.blank", "f:1:11"),
            ("{\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"c\"}", "pair.no-preference", "f:1:39"),
            ("{\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\" c\\n\"}", "pair.no-preference", "f:1:39"),
            ("{\"prompt\":\"p\",\"chosen\":\"\\u00e9\",\"rejected\":\"e\\u0301\"}", "pair.no-preference", "f:1:44"),
            ("{\"prompt\":\"p\",\"chosen\":\"c\\u0000\",\"rejected\":\"r\"}", "pair.nul", "f:1:24"),
            ("{\"id\":\"../x\",\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"r\"}", "pair.bad-key", "f:1:7"),
            ("{\"id\":\"a\\u202eb\",\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"r\"}", "pair.bad-key", "f:1:7"),
            ("{\"id\":7,\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"r\"}", "pair.wrong-type", "f:1:7"),
            (
                "{\"split\":\"test\",\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"r\"}", "pair.unknown-value",
                "f:1:10"
            ),
            (
                "{\"created\":\"2026-03-01\",\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"r\"}", "pair.bad-time",
                "f:1:12"
            ),
            (
                "{\"finding_kinds\":[\"a\",1],\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"r\"}", "pair.wrong-type",
                "f:1:23"
            ),
            ("{\"prompt\":\"p\",\"chosen\":[],\"rejected\":\"r\"}", "pair.mixed-forms", "f:1:38"),
            (
                "{\"prompt\":[{\"role\":\"user\",\"content\":\"q\"}],\"chosen\":\"c\",\"rejected\":\"r\"}",
                "pair.mixed-forms", "f:1:11"
            ),
            (
                "{\"prompt\":[{\"role\":\"usr\",\"content\":\"q\"}],\"chosen\":[],\"rejected\":[]}",
                "pair.unknown-value", "f:1:20"
            ),
            ("{\"prompt\":[{\"role\":\"user\"}],\"chosen\":[],\"rejected\":[]}", "pair.missing-field", "f:1:12"),
            (
                "{\"prompt\":[{\"role\":\"user\",\"contents\":\"q\"}],\"chosen\":[],\"rejected\":[]}",
                "pair.unknown-field", "f:1:38"
            ),
            ("{\"chosen\":\"a\",\"chosen\":\"b\",\"rejected\":\"r\"}", "json.duplicate-key", "f:1:15"),
            ("{\"prompt\":\"p\",\"chosen\":\"\\ud83d\",\"rejected\":\"r\"}", "json.lone-surrogate", "f:1:25"),
        ])
    func refused(text: String, code: String, location: String) {
        let refusal = refusal(text)
        #expect(refusal?.code == code)
        #expect(refusal?.location == location)
    }

    @Test("turns of the wrong role are refused")
    func turns() {
        let user = "[{\"role\":\"user\",\"content\":\"q\"}]"
        let assistant = "[{\"role\":\"assistant\",\"content\":\"a\"}]"
        let other = "[{\"role\":\"assistant\",\"content\":\"b\"}]"
        #expect(
            refusal("{\"prompt\":\(assistant),\"chosen\":\(assistant),\"rejected\":\(other)}")?.code == "pair.bad-turns"
        )
        #expect(refusal("{\"prompt\":\(user),\"chosen\":\(user),\"rejected\":\(other)}")?.code == "pair.bad-turns")
    }

    @Test("no refusal repeats the record's text")
    func noQuoting() {
        for text in [
            "{\"id\":\"Smith/J\",\"prompt\":\"Smith\",\"chosen\":\"Smith\",\"rejected\":\"Smith\"}",
            "{\"split\":\"Smith\",\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"r\"}",
            "{\"prompt\":\"p\",\"chosen\":\"Smith\",\"rejected\":\"Smith \"}",
            "{\"prompt\":[{\"role\":\"Smith\",\"content\":\"q\"}],\"chosen\":[],\"rejected\":[]}",
            "{\"created\":\"Smith\",\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"r\"}",
        ] {
            #expect(refusal(text)?.description.contains("Smith") == false)
        }
    }

    @Test("a file is read with line numbers, whatever its line ends, and two records may not share an id")
    func readFile() throws {
        let scratch = try Scratch()
        let text =
            line("p", "c", "r", ["id": "a"]).dropLast() + "\r\n\r\n" + line("q", "c", "r", ["id": "b"]).dropLast()
        let pairs = try PreferencePair.readJSONL(try scratch.file("a.jsonl", String(text)))
        #expect(pairs.map(\.id) == ["a", "b"])
        let twice = try scratch.file("b.jsonl", line("p", "c", "r", ["id": "a"]) + line("q", "c", "r", ["id": "a"]))
        #expect(throws: Refusal.self) { try PreferencePair.readJSONL(twice) }
        let broken = try scratch.file("c.jsonl", line("p", "c", "r") + "{\"prompt\": \n")
        let refusal = #expect(throws: Refusal.self) { try PreferencePair.readJSONL(broken) }
        #expect(refusal?.location == "\(broken):2:12")
        #expect(throws: Refusal.self) { try PreferencePair.readJSONL(try scratch.file("d.jsonl", "\n")) }
        #expect(throws: Refusal.self) { try PreferencePair.readJSONL(scratch.path("none.jsonl")) }
    }

    @Test(
        "moments are read with their zone and written in UTC",
        arguments: [
            ("2026-03-01T09:30:00Z", "2026-03-01T09:30:00.000Z"),
            ("2026-03-01T00:30:00.25+01:00", "2026-02-28T23:30:00.250Z"),
            ("2024-02-29T23:59:60-00:30", "2024-03-01T00:29:59.000Z"),
            ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
            ("2000-12-31T12:00:00Z", "2000-12-31T12:00:00.000Z"), ("1900-01-01T00:00:00Z", "1900-01-01T00:00:00.000Z"),
        ])
    func moments(text: String, utc: String) {
        #expect(UTCTime(text)?.description == utc)
    }

    @Test("moments agree with seconds since 1970, and what is no moment is none")
    func momentFigures() {
        #expect(UTCTime("2026-03-01T00:00:00Z")?.milliseconds == 1_772_323_200_000)
        #expect(UTCTime("1970-01-01T00:00:00Z")?.milliseconds == 0)
        for text in [
            "2026-03-01", "2026-03-01T09:30:00", "0001-01-01T00:00:00Z", "2026-W09-1", "2025-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01 09:30:00Z", "2026-03-01T09:30:00.Z",
        ] {
            #expect(UTCTime(text) == nil)
        }
    }
}
