import Diagnostics
import Foundation
import StrictJSON
import Testing

@testable import Preferences

/// What a person is told of each bad input that the project promises to answer, beyond what other suites here show.
@Suite("Imports of JSONL: every promised answer")
struct PromisedRowsTests {
    func refusal(_ bytes: [UInt8]) throws -> Refusal? {
        let scratch = try Scratch()
        let store = try scratch.store()
        let path = try scratch.file("f.jsonl", bytes)
        let refusal = #expect(throws: Refusal.self) { try store.importPairs(from: path) }
        #expect(try store.pairCount() == 0)
        return refusal.map {
            Refusal(
                code: $0.code, at: $0.location.replacingOccurrences(of: path, with: "f"), $0.problem, mend: $0.remedy)
        }
    }

    func refusal(_ text: String) throws -> Refusal? { try refusal(Array(text.utf8)) }

    @Test("a key that appears twice is told with both places")
    func duplicateKey() throws {
        let found = try refusal(record(1) + "{\"chosen\": \"a\", \"chosen\": \"b\"}\n")
        #expect(found?.code == "json.duplicate-key" && found?.location == "f:2:17")
        #expect(found?.problem.contains("first at 2:2") == true)
    }

    @Test("other encodings and broken UTF-8 are refused at their place, never repaired")
    func encodings() throws {
        let broken = try refusal(Array("{\"prompt\": \"é".utf8) + [0xFF] + Array("\"}\n".utf8))
        #expect(broken?.code == "json.encoding" && broken?.location == "f:1:14")
        let wide = try refusal("{\"a\": 1}".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
        #expect(wide?.location.hasPrefix("f:1") == true)
        let nul = try refusal(Array("{\"prompt\": \"a".utf8) + [0] + Array("\"}\n".utf8))
        #expect(nul?.location == "f:1:14")
        let escaped = try refusal(line("p", "c\0", "r"))
        #expect(escaped?.code == "pair.nul")
        let midway = try refusal(record(1) + "\u{feff}" + record(2))
        #expect(midway?.location.hasPrefix("f:2") == true)
    }

    @Test(
        "what JSON does not have is refused with column and rule",
        arguments: [
            ("{\"prompt\": \"p\",}", "f:1:15"), ("{\"prompt\": NaN}", "f:1:12"), ("{\"prompt\": 'p'}", "f:1:12"),
            ("{\"prompt\": \"p\" /* c */}", "f:1:16"), ("{\"prompt\": \"p\"} x", "f:1:17"),
            ("{\"prompt\": \"\\ud83d\"}", "f:1:13"), ("{\"prompt\": \"a\tb\"}", "f:1:14"),
        ])
    func grammar(text: String, place: String) throws {
        #expect(try refusal(text + "\n")?.location == place)
    }

    @Test("a number beyond a double's range never becomes infinity: it is kept as written")
    func hugeNumber() throws {
        let pair = try PreferencePair(
            jsonLine: Array("{\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"r\",\"score\":1e400}".utf8),
            named: "f", line: 1)
        #expect(pair.jsonLine.contains("\"score\":1e400"))
        #expect(pair.additional["score"]?.double == nil)
    }

    @Test("depth and length have limits, and the last line needs no line feed")
    func limits() throws {
        let deep = String(repeating: "[", count: 100_000)
        #expect(try refusal("{\"prompt\": " + deep)?.code == "json.too-deep")
        let fits =
            "{\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"r\",\"x\":" + String(repeating: "[", count: 31)
            + String(repeating: "]", count: 31) + "}"
        let scratch = try Scratch()
        let store = try scratch.store()
        #expect(try store.importPairs(from: try scratch.file("a.jsonl", fits)).takenCount == 1)
        let long = try refusal(record(1) + line("p", String(repeating: "x", count: 10 << 20), "r"))
        #expect(long?.code == "json.too-large" && long?.location == "f:2:1")
    }

    @Test(
        "a date that is no moment is refused with the forms that are",
        arguments: [
            "2026-01-01T00:00:00", "2026-W01-1", "0001-01-01T00:00:00Z", "2999-01-01T00:00:00Z",
            "2026-03-09T00:00:00Z",
        ])
    func dates(text: String) throws {
        let found = try refusal(line("p", "c", "r", ["created": .string(text)]))
        #expect(found?.code == "pair.bad-time" && found?.location.hasPrefix("f:1:") == true)
    }

    @Test("an id of 10 kB is refused by its length, a hidden character by its code point")
    func ids() throws {
        let long = try refusal(line("p", "c", "r", ["id": .string(String(repeating: "i", count: 10_000))]))
        #expect(long?.problem.contains("10000 bytes") == true)
        let hidden = try refusal(line("p", "c", "r", ["id": "a\u{202e}b"]))
        #expect(hidden?.problem.contains("U+202E") == true)
        #expect(try refusal(line("p", "c", "r", ["patient": "../x"]))?.code == "pair.bad-key")
        #expect(try refusal(line("p", "c", "r", ["exam": "a\u{1}"]))?.problem.contains("U+1") == true)
    }

    @Test("answers of very different lengths over the whole set are mentioned")
    func lengths() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let long = String(repeating: "long ", count: 10)
        let report = try store.importPairs(from: try scratch.file("a.jsonl", line("p", long, "short")))
        #expect(report.notes.contains { $0.contains("learn length") })
        let even = try store.importPairs(from: try scratch.file("b.jsonl", line("q", "short", "words")))
        #expect(even.notes.isEmpty)
    }

    @Test("zip and gzip are refused by their first bytes, whatever they are called")
    func archives() throws {
        #expect(try refusal([0x50, 0x4B, 0x03, 0x04, 0, 0])?.code == "file.archive")
        #expect(try refusal([0x1F, 0x8B, 0x08, 0])?.code == "file.archive")
    }

    @Test("a file that grows while it is read is refused, and nothing of it is kept", arguments: [true, false])
    func changing(plain: Bool) throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let path = try scratch.file("a.jsonl", record(1) + record(2))
        var grown = false
        let grow: (Int64, Int64) -> Void = { _, _ in
            guard !grown, let handle = FileHandle(forWritingAtPath: path) else { return }
            grown = true
            try? handle.seekToEnd()
            try? handle.write(contentsOf: Data(record(3).utf8))
            try? handle.close()
        }
        let refusal = #expect(throws: Refusal.self) {
            if plain {
                try store.importPairs(from: path, progress: grow)
            } else {
                try store.importPairs(from: path, reading: PairReadingOptions(), progress: grow)
            }
        }
        #expect(refusal?.code == "file.changed")
        #expect(try store.pairCount() == 0)
    }

    @Test("devices and folders are not read, nor links to them")
    func devices() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        try FileManager.default.createSymbolicLink(atPath: scratch.path("null"), withDestinationPath: "/dev/null")
        for path in ["/dev/null", "/dev/zero", scratch.folder, scratch.path("null")] {
            for plain in [true, false] {
                let refusal = #expect(throws: Refusal.self) {
                    if plain {
                        try store.importPairs(from: path)
                    } else {
                        try store.importPairs(from: path, reading: PairReadingOptions())
                    }
                }
                #expect(refusal?.code == "file.not-regular")
            }
        }
    }
}
