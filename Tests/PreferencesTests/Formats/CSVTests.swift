import Diagnostics
import Foundation
import Preferences
import StrictJSON
import Testing

@Suite("Foreign formats: CSV and column mappings")
struct CSVTests {
    static let plain = "columns: {prompt: question, chosen: good, rejected: bad}\n"
    static let choice = """
        columns: {prompt: input, first: a, second: b, preference: label}
        preference: {first: ["1", "A"], second: ["2"], tie: ["0"]}

        """

    @Test("quotation marks, commas, line ends and both kinds of record end are read as RFC 4180 says")
    func quoting() throws {
        let text =
            "prompt,chosen,rejected,patient\r\n"
            + "\"a \"\"b\"\", c\",\"line 1\r\nline 2\", r ,P1\r\n" + "p2,é,r2,\n" + "\"p3\",c3,r3,\"P3\""
        let result = try reading(text)
        #expect(result.format == .csv && result.recordCount == 3 && result.lines == [2, 4, 5])
        #expect(result.pairs[0].prompt == .text("a \"b\", c"))
        #expect(result.pairs[0].chosen == .text("line 1\r\nline 2") && result.pairs[0].rejected == .text(" r "))
        #expect(result.pairs.map(\.patient) == ["P1", nil, "P3"])
    }

    @Test(
        "what RFC 4180 does not allow is refused with line and column",
        arguments: [
            ("prompt,chosen,rejected\np,c,r\np,c\n", "csv.column-count", "f:3:1"),
            ("prompt,chosen,rejected\np,c,r,x\n", "csv.column-count", "f:2:1"),
            ("prompt,chosen,rejected\np,c,r\n\np,d,r\n", "csv.column-count", "f:3:1"),
            ("prompt,chosen,rejected\np,a\"b,r\n", "csv.quote", "f:2:4"),
            ("prompt,chosen,rejected\n\"p\n\"x,c,r\n", "csv.quote", "f:3:2"),
            ("prompt,chosen,rejected\np,\"é\nc,r\n", "csv.quote", "f:2:3"),
            ("prompt,chosen,rejected\np,é\rc,r\n", "csv.line-end", "f:2:4"),
            ("prompt,chosen,prompt\n", "csv.header", "f:1:15"), ("prompt,,rejected\n", "csv.header", "f:1:8"),
            ("prompt,chosen,rejectd\np,c,r\n", "csv.header", "f:1:15"),
            ("prompt,chosen,rejected\np,é,é\n", "pair.no-preference", "f:2:5"),
            ("prompt,chosen,rejected\np,,r\n", "pair.missing-field", "f:2:1"),
            ("prompt,chosen,rejected\np,\"\",r\n", "pair.blank", "f:2:3"),
            ("prompt,chosen,rejected,split\np,c,r,test\n", "pair.unknown-value", "f:2:7"),
            ("prompt,chosen,rejected,finding_kinds\np,c,r,[1\n", "json.truncated", "f:2:7"),
            ("form,prompt,chosen,rejected\nother,p,c,r\n", "pair.unknown-value", "f:2:1"),
        ])
    func refused(text: String, code: String, place: String) throws {
        let found = try refusal(of: text)
        #expect(found?.0 == code)
        #expect(found?.1 == place)
    }

    @Test("bytes that are not UTF-8 are refused at their field, and a byte order mark is passed over and mentioned")
    func encoding() throws {
        let scratch = try Scratch()
        let bad = try scratch.file("f", Array("prompt,chosen,rejected\np,".utf8) + [0xFF, 0x2C, 0x72])
        let refusal = #expect(throws: Refusal.self) { try PairFileReading.read(bad) }
        #expect(refusal?.code == "csv.not-utf8" && refusal?.location == bad + ":2:3")
        let wide = try scratch.file("g", [0xFF, 0xFE, 0x70, 0])
        #expect(throws: Refusal.self) { try PairFileReading.read(wide) }
        let marked = try reading("\u{feff}prompt,chosen,rejected\np,c,r\n")
        #expect(marked.pairs.count == 1 && marked.notes.contains { $0.contains("byte order mark") })
    }

    @Test("a mapping reads any columns, from CSV, JSON arrays and JSONL alike, and counts what it does not name")
    func mapped() throws {
        let record = "{\"question\": \"q\", \"good\": \"c\", \"bad\": \"r\", \"ward\": 3}"
        let texts = ["question,good,bad,ward\nq,c,r,3\n", "[" + record + "]", record + "\n"]
        let results = try texts.map { try reading($0, mapping: Self.plain) }
        #expect(results.map(\.format) == [.csv, .json, .json])
        #expect(results[0].pairs == results[1].pairs && results[1].pairs == results[2].pairs)
        #expect(results[0].pairs.first?.prompt == .text("q"))
        #expect(results.allSatisfy { $0.notes.contains { $0.hasPrefix("1 field was left out") } })
        #expect(results[1].pairs.first?.additional.members.isEmpty == true)
    }

    @Test("a preference column chooses the side by the mapping's words; a tie is left out, an unknown word refused")
    func preferenceColumn() throws {
        let result = try reading(
            "input,a,b,label\np,x,y,1\nq,x,y,2\nr,x,y,0\ns,x,y,\nt,x,y,3\nu,x,y,A\n", mapping: Self.choice)
        #expect(result.pairs.map(\.chosen) == [.text("x"), .text("y"), .text("x")])
        #expect(result.leftOut == [LeftOut(.tie, 1), LeftOut(.noAnswer, 1), LeftOut(.malformed, 1)])
        #expect(result.refusals.map(\.code) == ["pair.tie", "pair.no-answer", "pair.unknown-value"])
        let record = "{\"input\": \"p\", \"a\": \"x\", \"b\": \"y\", \"label\": 2}"
        let numbers = try reading(record, mapping: Self.choice)
        #expect(numbers.pairs.first?.chosen == .text("y"))
    }

    @Test("mapped keys may be numbers, and other fields of a pair keep their checks")
    func mappedKeys() throws {
        let yaml = "columns: {prompt: p, chosen: c, rejected: r, id: n, patient: who, created: at}\n"
        let good = "[{\"p\": \"p\", \"c\": \"c\", \"r\": \"r\", \"n\": 12, \"who\": \"A\"}]"
        let pair = try #require(try reading(good, mapping: yaml).pairs.first)
        #expect(pair.id == "12" && pair.patient == "A")
        let found = try refusal(of: "p,c,r,n,who,at\np,c,r,1,A,2026-01-01\n", mapping: yaml)
        #expect(found?.0 == "pair.bad-time" && found?.1 == "f:2:11")
        let missing = try refusal(of: "[{\"p\": \"p\", \"c\": \"c\"}]", mapping: yaml)
        #expect(missing?.0 == "pair.missing-field" && missing?.1 == "f:1:2")
    }

    @Test(
        "a mapping that makes no pair is refused at its place",
        arguments: [
            ("columns: {chosen: c, rejected: r}\n", "mapping.columns", "m.yaml:1:10 (columns)"),
            ("columns: {prompt: p, chosen: c}\n", "mapping.columns", "m.yaml:1:10 (columns)"),
            ("columns: {prompt: p, first: a}\n", "mapping.columns", "m.yaml:1:10 (columns)"),
            (
                "columns: {prompt: p, chosen: c, rejected: r, first: a, second: b}\n", "mapping.columns",
                "m.yaml:1:10 (columns)"
            ),
            ("columns: {prompt: p, chosen: c, rejected: c}\n", "mapping.repeated", "m.yaml:1:43 (columns.rejected)"),
            ("columns: {prompt: p, first: a, second: b, preference: l}\n", "mapping.columns", "m.yaml:1:10 (columns)"),
            ("columns: {promt: p, chosen: c, rejected: r}\n", "mapping.unknown-key", "m.yaml:1:11 (columns)"),
            ("colums: {prompt: p}\n", "mapping.unknown-key", "m.yaml:1:1"),
            (
                "columns: {prompt: p, first: a, second: b}\npreference: {first: [\"1\"], second: [\"1\"]}\n",
                "mapping.repeated", "m.yaml:2:37 (preference.second[0])"
            ),
            ("columns: &x {prompt: p}\n", "yaml.indicator", "m.yaml:1:10"),
            ("columns: {prompt: p}\ncolumns: {prompt: q}\n", "yaml.repeated-key", "m.yaml:1:1"),
        ])
    func badMapping(yaml: String, code: String, place: String) {
        let refusal = #expect(throws: Refusal.self) { try columnMapping(yaml) }
        #expect(refusal?.code == code)
        #expect(refusal?.location == place)
    }

    @Test("a column that a mapping names and the file lacks refuses the file at its first line")
    func missingColumn() throws {
        let found = try refusal(of: "question,good\nq,c\n", mapping: Self.plain)
        #expect(found?.0 == "csv.header" && found?.1 == "f:1:1")
    }

    @Test("one damaged row costs no other")
    func neighbours() throws {
        let result = try reading("prompt,chosen,rejected\na,c,r\nb,c\nc,c,c\nd,c,r\n")
        #expect(result.pairs.map(\.prompt) == [.text("a"), .text("d")])
        #expect(result.leftOut == [LeftOut(.identicalTexts, 1), LeftOut(.malformed, 1)])
        #expect(result.recordCount == 4)
    }

    @Test("a CSV file that is cut anywhere is read or refused, and never read as something else")
    func truncated() throws {
        let text = "prompt,chosen,rejected\r\n\"a, \"\"b\"\"\",\"c\r\nd\",é\r\np,c,r\r\n"
        let bytes = Array(text.utf8)
        let whole = try reading(text).pairs
        let scratch = try Scratch()
        for end in bytes.indices {
            let path = try scratch.file("f", Array(bytes[..<end]))
            guard let result = try? PairFileReading.read(path) else { continue }
            for pair in result.pairs.dropLast() { #expect(whole.contains(pair), "cut at \(end)") }
        }
    }
}
