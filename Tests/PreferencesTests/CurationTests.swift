import Diagnostics
import Foundation
import StrictJSON
import Testing

@testable import Preferences

@Suite("Choosing, comparing and finding alike")
struct CurationTests {
    /// All pairs of sets compared, without any index: what the index must give.
    func exhaustive(_ set: WordSequences, _ others: [WordSequences], threshold: Double) -> LikenessIndex.Match? {
        var best: LikenessIndex.Match?
        for (position, other) in others.enumerated() {
            let similarity = set.similarity(to: other)
            if similarity >= threshold, similarity > best?.similarity ?? 0 {
                best = .init(position: position, similarity: similarity)
            }
        }
        return best
    }

    @Test("the index finds what comparing all with all finds, at every threshold", arguments: [0.1, 0.3, 0.5, 0.8, 1])
    func exactSearch(threshold: Double) {
        var generator = SystemRandomNumberGenerator()
        func text() -> String {
            // Few different words and repeated passages: many sequences are shared, some by most texts.
            (0..<6).map { _ in
                let start = Int.random(in: 0..<12, using: &generator)
                return (start..<(start + 9)).map { "w\($0)" }.joined(separator: " ")
            }.joined(separator: " ")
        }
        let sets = WordSequences.prepare((0..<160).map { _ in text() }, threshold: threshold)
        var index = LikenessIndex(threshold: threshold)
        for set in sets[..<80] { index.insert(set) }
        var found = 0
        for set in sets {
            let match = index.mostAlike(set)
            let expected = exhaustive(set, Array(sets[..<80]), threshold: threshold)
            #expect(match?.position == expected?.position && match?.similarity == expected?.similarity)
            found += match == nil ? 0 : 1
        }
        #expect(found >= 80)
    }

    @Test("a curated set takes agreement and strength first, keeps the strata balanced and leaves copies out")
    func curated() throws {
        let scratch = try Scratch()
        let store = try scratch.judgingStore()
        func imported(_ id: String, _ modality: String, _ words: String) -> String {
            line(
                words, "good", "bad",
                ["id": .string(id), "modality": .string(modality), "body_part": "head", "split": "train"])
        }
        let phrase = (0..<30).map { "s\($0)" }.joined(separator: " ")
        let lines =
            (0..<5).map { number in
                imported("c\(number)", "CT", (0..<30).map { "c\(number)x\($0)" }.joined(separator: " "))
            } + (0..<5).map { imported("m\($0)", "MR", phrase + " last\($0)") }
        _ = try store.importPairs(from: try scratch.file("a.jsonl", lines.joined()))
        let pairs = (0..<3).map { judgingPair($0, readers: $0 == 2 ? 2 : 1, split: .train) }
        _ = try store.createJudgingPairs(pairs)
        try store.judge("a", "first", strength: .slight)
        try store.judge("a", "first", strength: .significant)
        try store.judge("a", "first", strength: .negligible)
        try store.judge("b", "first", strength: .negligible)
        let four = try store.makeSnapshot(SnapshotOptions(curatedSize: 4))
        // Turns: CT, MR, CT, and CT again, as the rest of MR are copies: the pair of two readers, then by strength.
        let judged = four.train.filter { $0.source == "judged" }
        #expect(Set(judged.map(\.rejected.plainText)).isSuperset(of: ["second answer 2", "second answer 1"]))
        #expect(four.train.count == 4 && four.train.count { $0.modality == "MR" } == 1)
        #expect(four.manifest["curation"]?["left_out_as_alike"]?.int == 4)
        #expect(four.exclusions.first { $0.reason == "not_curated" }?.count == 9)
        #expect(try store.makeSnapshot(SnapshotOptions(curatedSize: 4)).digest == four.digest)
        let filled = try store.makeSnapshot(SnapshotOptions(curatedSize: 11))
        #expect(filled.train.count == 11 && filled.train.count { $0.modality == "MR" } == 3)
        #expect(try store.makeSnapshot(SnapshotOptions(curatedSize: 99)).train.count == 13)
    }

    @Test("two snapshots differ by what was added, removed, moved and changed")
    func difference() throws {
        let scratch = try Scratch()
        func snapshot(_ name: String, _ lines: [String]) throws -> PreferenceSnapshot {
            let store = try scratch.store(name + ".sqlite")
            _ = try store.importPairs(from: try scratch.file(name + ".jsonl", lines.joined()))
            return try store.makeSnapshot()
        }
        let older = try snapshot(
            "a",
            [
                record(1, patient: "A", split: "train"), record(2, patient: "B", split: "train"),
                record(3, patient: "C", split: "train"), record(4, patient: "D", split: "held_out"),
            ])
        let newer = try snapshot(
            "b",
            [
                record(1, patient: "A", split: "train"), record(2, patient: "BB", split: "train"),
                record(3, patient: "C", split: "held_out"), record(5, patient: "E", split: "held_out"),
            ])
        let difference = SnapshotDifference(from: older, to: newer)
        #expect(difference.added == ["r5"] && difference.removed == ["r4"])
        #expect(difference.moved == ["r3"] && difference.changed == ["r2"] && difference.unchangedCount == 1)
        let none = SnapshotDifference(from: older, to: older)
        #expect(none.added.isEmpty && none.changed.isEmpty && none.unchangedCount == 4)
    }

    @Test("the figures say who stands behind the pairs, and how many share a prompt")
    func figures() throws {
        let scratch = try Scratch()
        let store = try scratch.judgingStore()
        let lines =
            line("p q r", "longer one", "bad", ["patient": "A", "split": "train"])
            + line("p q r", "c", "longer d", ["patient": "A", "split": "train"])
        _ = try store.importPairs(from: try scratch.file("a.jsonl", lines))
        _ = try store.createJudgingPairs([judgingPair(1, readers: 2, split: .train), judgingPair(2, split: .train)])
        try store.judge("a", "first", strength: .better)
        try store.judge("a", "first")
        try store.judge("b", "first", strength: .better)
        let figures = try store.makeSnapshot().manifest["quality"]?["train"]
        #expect(figures?["standing"]?.serialized() == #"{"imported":2,"one_reader":1,"readers_agree":1}"#)
        #expect(figures?["strength"]?.serialized() == #"{"2":1,"unrecorded":3}"#)
        #expect(figures?["shared_prompts"]?.double == 0.25 && figures?["chosen_longer"]?.double == 0.25)
    }
}
