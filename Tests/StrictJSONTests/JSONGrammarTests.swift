import Diagnostics
import StrictJSON
import Testing

@Suite("Strict JSON: what is accepted and what is refused")
struct JSONGrammarTests {
    @Test(
        "valid documents are read",
        arguments: [
            "null", "true", "false", "0", "-0", "0e1", "0E+1", "1e-2", "123.456e78", "-1.5", "\"\"", "[]", "{}",
            " [ ] ", "\t{\r\n}\n", "[1,2,3]", "[[[]]]", "{\"a\":{\"b\":[]}}", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
            "\"\\u0041\"", "\"\\uD83D\\uDE00\"", "\"\\u0000\"", "\"\u{7f}\"", "\"é😀\"", "{\"\":0}",
            "{\"a\":1,\"A\":2}", "[1e400]", "\"\u{2028}\"", "\"\u{10FFFF}\"", "[\"a\",null,true,1.0]", "1E400",
            "100000000000000000000000000000000001", "{\"e\u{301}\":1,\"\u{e9}\":2}",
        ])
    func accepted(text: String) throws {
        _ = try JSONValue(parsing: Array(text.utf8), named: "x.json")
    }

    @Test(
        "invalid documents are refused",
        arguments: [
            "", " ", "[", "{", "]", "}", "[1", "{\"a\"", "{\"a\":", "{\"a\":1", "[1,", "[1,]", "[,1]", "[1,,2]",
            "{\"a\":1,}", "{,}", "{a:1}", "{'a':1}", "['a']", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{1:1}", "[1 2]",
            "nul", "nulll", "True", "NaN", "-NaN", "Infinity", "-Infinity", "undefined", "01", "-01", "1.", ".5",
            "-.5", "+1", "1e", "1e+", "0x10", "1_000", "-", "--1", "1.e3", "2.e", "[1]x", "[1] [2]", "1 2",
            "\"", "\"a", "\"\\\"", "\"\\x41\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\ud83d\"", "\"\\ude00\"",
            "\"\\ud83d\\u0041\"", "\"\\ud83dx\"", "\"\\ud83d\\n\"", "\"\\", "\"a\tb\"", "\"a\nb\"", "\"\u{0}\"",
            "\"\u{1f}\"", "// c\n1", "/* c */ 1", "[1] // c", "# c\n1", "\u{feff}1", "{\"a\":1,\"a\":2}",
            "{\"a\":1,\"\\u0061\":2}", "\u{a0}1", "[\u{c}1]", "'a'", "[1}", "{\"a\":1]", "\u{e5}", "[1,\"a\"",
        ])
    func refused(text: String) {
        #expect(throws: Refusal.self) { try JSONValue(parsing: Array(text.utf8), named: "x.json") }
    }

    @Test(
        "bytes that are not UTF-8 are refused",
        arguments: [
            [0xFF], [0x80], [0xC0, 0xAF], [0xC1, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
            [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xE9, 0x20],
        ] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) {
        let quoted = [0x22] + bytes + [0x22]
        let refusal = #expect(throws: Refusal.self) { try JSONValue(parsing: quoted, named: "x.json") }
        #expect(refusal?.code == "json.encoding")
        #expect(refusal?.location == "x.json:1:2")
    }

    @Test("UTF-16 and byte order marks are refused by name")
    func otherEncodings() {
        for bytes in [
            [0xFF, 0xFE, 0x31, 0], [0xFE, 0xFF, 0, 0x31], [0x31, 0], [0, 0x31], [0xEF, 0xBB, 0xBF, 0x31],
        ]
            as [[UInt8]]
        {
            let refusal = #expect(throws: Refusal.self) { try JSONValue(parsing: bytes, named: "x.json") }
            #expect(refusal?.code == "json.encoding")
        }
    }

    @Test("nesting up to the limit is read and beyond it refused, however deep")
    func depth() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        _ = try JSONValue(parsing: nested(64), named: "x")
        _ = try JSONValue(parsing: nested(512), named: "x", limits: JSONLimits(depth: 512))
        for depth in [65, 100_000] {
            let refusal = #expect(throws: Refusal.self) { try JSONValue(parsing: nested(depth), named: "x") }
            #expect(refusal?.code == "json.too-deep")
            #expect(refusal?.location == "x:1:65")
        }
        let objects = Array(String(repeating: "{\"a\":", count: 100_000).utf8)
        #expect(throws: Refusal.self) { try JSONValue(parsing: objects, named: "x") }
    }

    @Test("documents, strings and numbers beyond their limits are refused")
    func limits() throws {
        func code(_ text: String, _ limits: JSONLimits) -> String? {
            #expect(throws: Refusal.self) { try JSONValue(parsing: Array(text.utf8), named: "x", limits: limits) }?.code
        }
        _ = try JSONValue(parsing: Array("[1,\"abcd\"]".utf8), named: "x", limits: JSONLimits(stringBytes: 4))
        #expect(code("[1,\"abcde\"]", JSONLimits(stringBytes: 4)) == "json.too-large")
        #expect(code("[1,\"ab\\u0041cd\"]", JSONLimits(stringBytes: 4)) == "json.too-large")
        #expect(code("[1,2]", JSONLimits(documentBytes: 4)) == "json.too-large")
        #expect(code("12345", JSONLimits(numberBytes: 4)) == "json.too-large")
    }

    @Test(
        "each refusal names its line and column, counted in Unicode scalars",
        arguments: [
            ("{\n  \"a\": 1,\n  \"a\": 2\n}", "json.duplicate-key", "f:3:3"),
            ("[\"é😀\", x]", "json.syntax", "f:1:8"),
            ("[1,\n 2,\n]", "json.trailing-comma", "f:2:3"),
            ("{\"chosen\": \"a\\ud83d\"}", "json.lone-surrogate", "f:1:14"),
            ("[1, NaN]", "json.syntax", "f:1:5"), ("[007]", "json.syntax", "f:1:2"),
            ("\"a\tb\"", "json.control-character", "f:1:3"), ("[1, 2", "json.truncated", "f:1:6"),
            ("{\"a\": \"b", "json.truncated", "f:1:7"), ("[1]\r\n x", "json.trailing", "f:2:2"),
            ("   ", "json.empty", "f:1:1"),
        ])
    func positions(text: String, code: String, location: String) {
        let refusal = #expect(throws: Refusal.self) { try JSONValue(parsing: Array(text.utf8), named: "f") }
        #expect(refusal?.code == code)
        #expect(refusal?.location == location)
    }

    @Test("a duplicate key names both places and a line of a JSONL file its own number")
    func duplicateKey() {
        let text = "{\"chosen\": 1, \"x\": 2, \"chosen\": 3}"
        let refusal = #expect(throws: Refusal.self) {
            try JSONValue(parsing: Array(text.utf8), named: "pairs.jsonl", firstLine: 12)
        }
        #expect(refusal?.location == "pairs.jsonl:12:23")
        #expect(refusal?.problem == "\"chosen\" appears twice (first at 12:2)")
    }

    @Test("duplicate keys are found in objects of any size, and only byte-equal keys are duplicates")
    func manyKeys() throws {
        for count in [2, 16, 17, 18, 500] {
            var members = (0..<count).map { "\"key_\($0)\":\($0)" }
            let text = "{" + members.joined(separator: ",") + "}"
            let value = try JSONValue(parsing: Array(text.utf8), named: "x")
            #expect(value.object?.members.count == count)
            members.append("\"key_\(count / 2)\":0")
            let twice = "{" + members.joined(separator: ",") + "}"
            let refusal = #expect(throws: Refusal.self) { try JSONValue(parsing: Array(twice.utf8), named: "x") }
            #expect(refusal?.code == "json.duplicate-key")
        }
    }

    @Test("no message repeats the document's text")
    func noQuoting() {
        let secret = "Doe"
        for text in [
            "{\"Doe\":1,\"Doe\":2}", "[Doe]", "\"Doe", "{\"a\":\"Doe\" \"Doe\"}", "{\"a\":\"Doe\\q\"}", "[1]Doe",
            "{\"MRN123\":1,\"MRN123\":2}", "{\"mrn123\":1,\"mrn123\":2}",
        ] {
            let refusal = #expect(throws: Refusal.self) { try JSONValue(parsing: Array(text.utf8), named: "x") }
            #expect(refusal.map { $0.description.contains(secret) || $0.description.contains("123") } == false)
        }
    }
}
