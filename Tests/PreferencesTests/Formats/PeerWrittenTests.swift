import Diagnostics
import Foundation
import Preferences
import StrictJSON
import Testing

/// Files that other programs wrote, made by `Tests/GoldenGenerators/make_foreign.py` from invented texts.
@Suite("Foreign formats: files as other programs write them")
struct PeerWrittenTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/foreign").path

    @Test("Argilla's flattened export: submitted answers alone count, and agreement decides")
    func flattened() throws {
        let result = try PairFileReading.read(Self.folder + "/argilla-flattened.json")
        #expect(result.format == .argilla && result.recordCount == 7)
        #expect(result.pairs.map(\.patient) == ["P1", "P2", "P5", "P7"])
        #expect(
            result.pairs.map(\.chosen) == [
                .text("Case 1: no acute finding."), .text("case 2 looks ok"), .text("case 5 looks ok"),
                .text("Case 7: no acute finding."),
            ])
        #expect(result.leftOut == [LeftOut(.noAnswer, 2), LeftOut(.conflict, 2), LeftOut(.duplicate, 1)])
        #expect(result.pairs.first?.reviewer == "argilla-11111111-1111-4111-8111-111111111111")
    }

    @Test("Argilla's nested export tells no discarded answer from a submitted one: what contradicts it is not taken")
    func nested() throws {
        let result = try PairFileReading.read(Self.folder + "/argilla-nested.json")
        #expect(result.format == .argilla && result.pairs.map(\.patient) == ["P1", "P2", "P7"])
        #expect(result.leftOut == [LeftOut(.noAnswer, 2), LeftOut(.conflict, 4), LeftOut(.duplicate, 1)])
        #expect(result.notes.contains { $0.contains("drafts and discarded ones") })
    }

    @Test("what Python's csv module writes is read cell by cell")
    func pythonCSV() throws {
        let result = try PairFileReading.read(Self.folder + "/python-csv.csv")
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Self.folder + "/python-csv.json")))
        let rows = try #require(try JSONValue(parsing: bytes, named: "rows").array?.dropFirst())
        #expect(result.refusals.isEmpty && result.pairs.count == rows.count)
        for (pair, row) in zip(result.pairs, rows) {
            #expect([pair.prompt.json, pair.chosen.json, pair.rejected.json] == Array(row.array?.prefix(3) ?? []))
            #expect(pair.patient ?? "" == row.array?[3].string)
        }
    }
}
