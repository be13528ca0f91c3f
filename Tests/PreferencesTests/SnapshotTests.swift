import Diagnostics
import Foundation
import StrictJSON
import Testing

@testable import Preferences

@Suite("Snapshots")
struct SnapshotTests {
    func snapshot(_ scratch: Scratch, _ name: String, _ lines: [String], _ options: SnapshotOptions = .init()) throws
        -> PreferenceSnapshot
    {
        let store = try scratch.store(name + ".sqlite")
        for (index, text) in lines.enumerated() {
            _ = try store.importPairs(from: try scratch.file("\(name)\(index).jsonl", text))
        }
        return try store.makeSnapshot(options)
    }

    let forty = (0..<40).map { record($0, patient: "P\($0 / 2)") }

    @Test("the digest does not depend on the order or the files of import, and any change of a member changes it")
    func orderIndependent() throws {
        let scratch = try Scratch()
        let a = try snapshot(scratch, "a", [forty.joined()])
        let b = try snapshot(scratch, "b", [forty[20...].reversed().joined(), forty[..<20].joined()])
        #expect(a.digest == b.digest)
        #expect(a.train == b.train && a.heldOut == b.heldOut)
        #expect(!a.heldOut.isEmpty && a.train.count > a.heldOut.count)
        var changed = forty
        changed[7] = record(7, patient: "P99")
        let c = try snapshot(scratch, "c", [changed.joined()])
        let d = try snapshot(scratch, "d", [forty.joined()], SnapshotOptions(seed: 18))
        #expect(c.digest != a.digest && d.digest != a.digest)
    }

    @Test("no patient is on both sides, and about the asked share is held out")
    func byPatient() throws {
        let scratch = try Scratch()
        let records = (0..<600).map { record($0, patient: "P\($0 / 3)") }.joined()
        let result = try snapshot(scratch, "a", [records], SnapshotOptions(heldOutFraction: 0.25))
        let trained = Set(result.train.compactMap(\.patient))
        let held = Set(result.heldOut.compactMap(\.patient))
        #expect(trained.isDisjoint(with: held))
        #expect(trained.count + held.count == 200)
        #expect((30...70).contains(held.count))
    }

    @Test("records that name their side keep it; a patient with any held-out record goes there wholly, and is counted")
    func designated() throws {
        let scratch = try Scratch()
        let records = [
            record(1, patient: "A", split: "train"), record(2, patient: "A", split: "held_out"),
            record(3, patient: "A"), record(4, patient: "B", split: "train"), record(5, patient: "B"),
        ]
        let result = try snapshot(scratch, "a", [records.joined()], SnapshotOptions(heldOutFraction: 1))
        #expect(result.heldOut.map(\.id) == ["r1", "r2", "r3"])
        #expect(result.train.map(\.id) == ["r4", "r5"])
        #expect(result.manifest["split"]?["moved_to_held_out"]?.int == 1)
        #expect(result.manifest["split"]?["designated"]?.int == 5)
    }

    @Test("records without a patient are kept together by examination, then by prompt")
    func withoutPatient() throws {
        let scratch = try Scratch()
        let prompts = (0..<30).map { number in (0..<12).map { "p\(number)w\($0)" }.joined(separator: " ") }
        let lines = prompts.flatMap { [line($0, "a", "b"), line($0, "c", "d")] }
        let result = try snapshot(scratch, "a", [lines.joined()], SnapshotOptions(heldOutFraction: 0.5))
        let trained = Set(result.train.map(\.prompt.plainText))
        #expect(trained.isDisjoint(with: Set(result.heldOut.map(\.prompt.plainText))))
        #expect(result.train.count + result.heldOut.count == 60 && !result.heldOut.isEmpty)
    }

    @Test("a training prompt that is nearly a held-out one is dropped and listed; a distant one stays")
    func nearDuplicates() throws {
        let scratch = try Scratch()
        let words = (0..<40).map { "word\($0)" }
        func text(changing count: Int) -> String {
            (words.dropLast(count) + (0..<count).map { "other\($0)" }).joined(separator: " ")
        }
        // 40 words have 33 sequences of 8; changing the last n leaves 33 - n, so J = (33 - n) / (33 + n).
        let lines = [
            line(text(changing: 0), "a", "b", ["id": "held", "patient": "H", "split": "held_out"]),
            line(text(changing: 11), "a", "b", ["id": "near", "patient": "T", "split": "train"]),
            line(text(changing: 12), "a", "b", ["id": "far", "patient": "T", "split": "train"]),
            line(text(changing: 0).uppercased() + ".", "c", "d", ["id": "same", "patient": "T", "split": "train"]),
        ]
        let result = try snapshot(scratch, "a", [lines.joined()])
        #expect(result.train.map(\.id) == ["far"])
        #expect(result.exclusions.map(\.reason) == ["near_duplicate"] && result.exclusions.map(\.count) == [2])
        let dropped = result.manifest["near_duplicates"]?["dropped_from_train"]?.array ?? []
        #expect(dropped.map { $0["id"]?.string } == ["near", "same"])
        #expect(dropped.map { $0["held_out_id"]?.string } == ["held", "held"])
        #expect(dropped.map { $0["similarity"]?.double } == [0.5, 1])
    }

    @Test("what most prompts share is a template and makes no likeness")
    func template() throws {
        let scratch = try Scratch()
        let instruction = (0..<60).map { "instruction\($0)" }.joined(separator: " ")
        let lines = (0..<30).map { number in
            let own = (0..<12).map { "own\(number)x\($0)" }.joined(separator: " ")
            return line(
                instruction + " " + own, "a", "b",
                ["patient": .string("P\(number)"), "split": number < 10 ? "held_out" : "train"])
        }
        let result = try snapshot(scratch, "a", [lines.joined()])
        #expect(result.train.count == 20 && result.heldOut.count == 10)
    }

    @Test("filters leave pairs out by reason, and nothing to train on is refused")
    func filters() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let lines = forty.joined() + line("p", "c", "r", ["modality": "MR"])
        _ = try store.importPairs(from: try scratch.file("a.jsonl", lines))
        let result = try store.makeSnapshot(SnapshotOptions(modalities: ["CT"]))
        #expect(result.exclusions.map(\.reason) == ["filter:modality"] && result.exclusions.map(\.count) == [1])
        let refusal = #expect(throws: Refusal.self) { try store.makeSnapshot(SnapshotOptions(modalities: ["US"])) }
        #expect(refusal?.code == "snapshot.empty")
        #expect(throws: Refusal.self) { try store.makeSnapshot(SnapshotOptions(heldOutFraction: 1)) }
    }

    @Test("the same members are one snapshot in the store, found by digest")
    func kept() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        _ = try store.importPairs(from: try scratch.file("a.jsonl", forty.joined()))
        let first = try store.makeSnapshot()
        let again = try store.makeSnapshot()
        #expect(first.manifest == again.manifest)
        _ = try store.makeSnapshot(SnapshotOptions(seed: 3))
        #expect(try store.snapshots().count == 2)
        let found = try store.snapshot(digest: first.digest)
        #expect(found.train == first.train && found.heldOut == first.heldOut && found.manifest == first.manifest)
        #expect(throws: Refusal.self) { try store.snapshot(digest: "0") }
        #expect(try store.verifyAudit().sequence == 4)
    }

    @Test("a folder is written once, the same bytes each time, and read back whole")
    func folder() throws {
        let scratch = try Scratch()
        let result = try snapshot(scratch, "a", [forty.joined() + PreferencePairTests.shipped + "\n"])
        try result.write(to: scratch.path("s"))
        try result.write(to: scratch.path("t/u/"))
        for name in ["snapshot.json", "train.jsonl", "held_out.jsonl"] {
            #expect(try scratch.bytes("s/" + name) == scratch.bytes("t/u/" + name))
            #expect(try scratch.mode("s/" + name) == 0o600)
        }
        let loaded = try PreferenceSnapshot.load(from: scratch.path("s"))
        #expect(loaded.train == result.train && loaded.heldOut == result.heldOut)
        #expect(loaded.manifest == result.manifest && loaded.digest == result.digest)
        #expect(loaded.train.allSatisfy { $0.split == .train })
        let refusal = #expect(throws: Refusal.self) { try result.write(to: scratch.path("s")) }
        #expect(refusal?.code == "snapshot.folder-not-empty")
        try FileManager.default.createDirectory(atPath: scratch.path("e"), withIntermediateDirectories: false)
        try result.write(to: scratch.path("e"))
        _ = try PreferenceSnapshot.load(from: scratch.path("e"))
    }

    @Test(
        "one changed byte anywhere in a folder is found", arguments: ["snapshot.json", "train.jsonl", "held_out.jsonl"])
    func tampered(name: String) throws {
        let scratch = try Scratch()
        let records = (0..<6).map { record($0, patient: "P\($0)", split: $0 < 4 ? "train" : "held_out") }
        try snapshot(scratch, "a", [records.joined()]).write(to: scratch.path("s"))
        let original = try scratch.bytes("s/" + name)
        for index in stride(from: 0, to: original.count, by: 7) {
            var bytes = original
            bytes[index] ^= 0x01
            _ = try scratch.file("s/" + name, bytes)
            #expect(throws: Refusal.self, "byte \(index)") { try PreferenceSnapshot.load(from: scratch.path("s")) }
        }
        _ = try scratch.file("s/" + name, Array(original.dropLast()))
        #expect(throws: Refusal.self) { try PreferenceSnapshot.load(from: scratch.path("s")) }
        try FileManager.default.removeItem(atPath: scratch.path("s/" + name))
        #expect(throws: Refusal.self) { try PreferenceSnapshot.load(from: scratch.path("s")) }
    }

    @Test("the quality figures count words and kinds")
    func quality() throws {
        let scratch = try Scratch()
        let records = [
            line("p q", "one two three", "one", ["modality": "CT", "patient": "A", "rejected_kind": "off_style"]),
            line("r s", "one", "one two", ["modality": "MR", "patient": "B"]),
        ]
        let result = try snapshot(scratch, "a", [records.joined()], SnapshotOptions(heldOutFraction: 0))
        let figures = try #require(result.manifest["quality"]?["train"])
        #expect(
            figures["chosen_words"]?.serialized() == "{\"minimum\":1,\"median\":2.0,\"mean\":2.0,\"maximum\":3}")
        #expect(figures["modality"]?.serialized() == "{\"CT\":1,\"MR\":1}")
        #expect(figures["rejected_kind"]?.serialized() == "{\"off_style\":1,\"unrecorded\":1}")
    }
}
