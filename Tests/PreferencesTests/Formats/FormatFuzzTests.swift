import Diagnostics
import Foundation
import Testing

@testable import Preferences

@Suite("Foreign formats: damaged files")
struct FormatFuzzTests {
    static let samples: [(PairFormat, String)] = [
        (.trl, FormatSamples.trl), (.anthropicHH, FormatSamples.transcript),
        (.llamaFactoryAlpaca, FormatSamples.alpaca), (.llamaFactoryShareGPT, FormatSamples.shareGPT),
        (.llamaFactoryMessages, FormatSamples.messages), (.argilla, FormatSamples.nested),
        (.labelStudio, FormatSamples.task),
        (
            .csv,
            "prompt,chosen,rejected,finding_kinds,additional\r\n\"p, q\",c,\"r\"\"\",\"[\"\"a\"\"]\",\"{\"\"x\"\": 1}\"\r\n"
        ),
    ]

    /// SplitMix64, seeded with a number that a failure prints.
    struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    @Test("a file cut at any byte is read or refused, with and without its format named", arguments: samples)
    func truncated(format: PairFormat, text: String) throws {
        let scratch = try Scratch()
        let bytes = Array((format == .csv ? text : "[" + text + "]").utf8)
        for end in bytes.indices {
            let path = try scratch.file("f", Array(bytes[..<end]))
            for named in [nil, format] {
                let result = try? PairFileReading.read(path, options: PairReadingOptions(format: named))
                if format != .csv { #expect(result == nil, "cut at \(end)") }
            }
        }
    }

    @Test("values of the wrong kind anywhere give refusals with a place in the file", arguments: samples)
    func mutated(format: PairFormat, text: String) throws {
        let scratch = try Scratch()
        let seed: UInt64 = 20_260_101
        var generator = Generator(state: seed)
        let bytes = Array(text.utf8)
        let pieces = ["null", "7", "[]", "{}", "\"\"", "true", "\"left\"", ",", "\"", "\\", "\n", "é", ":", "-1e9"]
        for round in 0..<300 {
            var damaged = bytes
            let start = Int.random(in: 0..<bytes.count, using: &generator)
            let end = min(bytes.count, start + Int.random(in: 0...12, using: &generator))
            damaged.replaceSubrange(start..<end, with: Array((pieces.randomElement(using: &generator) ?? "").utf8))
            let path = try scratch.file("f", damaged)
            do throws(Refusal) {
                let result = try PairFileReading.read(path, options: PairReadingOptions(format: format))
                for refusal in result.refusals {
                    #expect(refusal.location.hasPrefix(path + ":"), "seed \(seed), round \(round): \(refusal.code)")
                }
            } catch {
                #expect(error.location.hasPrefix(path), "seed \(seed), round \(round): \(error.code)")
            }
        }
    }

    @Test("every value of a record in turn, made null or a number, is read or refused")
    func typed() throws {
        let scratch = try Scratch()
        for (format, text) in Self.samples where format != .csv {
            let parts = text.split(separator: "\"", omittingEmptySubsequences: false).map(String.init)
            for index in stride(from: 1, to: parts.count - 1, by: 2) {
                for value in ["null", "3", "[3]", "{\"a\": []}"] {
                    let before = parts[..<index].joined(separator: "\"")
                    let path = try scratch.file("f", before + value + parts[(index + 1)...].joined(separator: "\""))
                    _ = try? PairFileReading.read(path, options: PairReadingOptions(format: format))
                }
            }
        }
    }

    @Test("the elements of an array are found with their places, whatever they hold")
    func elements() {
        let text = Array("[1 , \"a,]\\\"\",\n [2, [\"]\"]],{\"x\": \"}é\"}\n, \"é\" ]".utf8)
        let found = JSONArrayElements.ranges(in: text)
        #expect(
            found.map { String(decoding: text[$0.range], as: UTF8.self) }
                == ["1", "\"a,]\\\"\"", "[2, [\"]\"]]", "{\"x\": \"}é\"}", "\"é\""])
        #expect(found.map { "\($0.line):\($0.column)" } == ["1:2", "1:6", "2:2", "2:13", "3:3"])
        #expect(JSONArrayElements.ranges(in: Array(" [ ] ".utf8)).isEmpty)
    }
}
