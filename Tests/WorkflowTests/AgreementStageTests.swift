import Diagnostics
import Preferences
import StrictJSON
import Testing

@testable import Workflow

@Suite("Agreement and screening over a store")
struct AgreementStageTests {
    /// Two readers on ten synthetic pairs; they differ on the first and on the last.
    private func judge(_ store: PreferenceStore) throws {
        for key in ["a", "b"] { try store.register(Reviewer(key: key, credential: .attending)) }
        let pairs = (1...10).map { number in
            PairForJudging(
                prompt: .text("Findings of invented case \(number)."),
                first: Candidate(text: .text("first \(number)"), author: .humanTrainee, authorKey: "t"),
                second: Candidate(text: .text("second \(number)"), author: .humanTrainee, authorKey: "u"),
                exam: Exam(key: "E\(number)", patient: "P\(number)"), purpose: .train, readersWanted: 2)
        }
        _ = try store.createJudgingPairs(pairs)
        for reader in ["a", "b"] {
            while let shown = try store.leaseNext(for: reader) {
                let isFirst = shown.left.plainText.hasPrefix("first")
                let number = try #require(Int(shown.left.plainText.split(separator: " ")[1]))
                let prefersFirst = (number <= 5) != (reader == "b" && [1, 10].contains(number))
                _ = try store.record(
                    Judgement(prefersFirst == isFirst ? .left : .right), on: shown.id, by: reader)
            }
        }
    }

    @Test("readers who differ on two of ten pairs, five of each kind, agree with a kappa of 0.6 on any side")
    func kappa() throws {
        let run = try TinyRun()
        let path = run.path("store.sqlite")
        try judge(PreferenceStore(at: path))
        let result = try AgreementStage.run(store: path, seed: 3, events: StageEvents())
        let json = try JSONValue(parsing: Array(result.json.utf8), named: "result")
        let overall = try #require(json["criteria"]?.array?.first)
        func figure(_ name: String, _ list: JSONValue?) -> Double? {
            list?.array?.first { $0["statistic"]?.string == name }?["value"]?.double
        }
        let kappa = try #require(figure("Cohen's kappa", overall["pairs"]?.array?.first?["figures"]))
        #expect(abs(kappa - 0.6) < 1e-12)
        #expect(figure("raw agreement", overall["figures"]) == 0.8)
        #expect(json["ratings"]?.int == 20)
        let sides = try #require(json["position"])
        #expect((sides["left"]?.int ?? 0) + (sides["right"]?.int ?? 0) == 20 && sides["ties"]?.int == 0)
    }

    @Test("a store without an answer is refused by name")
    func nothing() throws {
        let run = try TinyRun()
        let path = run.path("store.sqlite")
        _ = try PreferenceStore(at: path)
        let refusal = #expect(throws: Refusal.self) {
            try AgreementStage.run(store: path, seed: 3, events: StageEvents())
        }
        #expect(refusal?.code == "agreement.no-judgements")
    }

    @Test("screening tells classes and counts, and kept results hold suspect pairs out of snapshots")
    func screen() throws {
        let run = try TinyRun()
        let pairs = try run.file(
            "pairs.jsonl",
            [
                ("kidney", "Stable. Call (555) 010-4477."), ("liver", "Stable mass in the liver."),
                ("spleen", "No mass."),
            ].map {
                #"{"id": "\#($0.0)", "patient": "\#($0.0)", "prompt": "The \#($0.0) is described.", "chosen": "\#($0.1)", "#
                    + #""rejected": "Something is seen in the \#($0.0)."}"# + "\n"
            }.joined())
        let store = run.path("store.sqlite")
        _ = try ImportStage.run(files: [pairs], store: store, options: .init(), events: StageEvents())
        for result in [
            try ScreenStage.run(file: pairs, sites: nil, events: StageEvents()),
            try ScreenStage.run(store: store, sites: nil, keep: true, events: StageEvents()),
        ] {
            let json = try JSONValue(parsing: Array(result.json.utf8), named: "result")
            #expect(json["found"]?["phone"]?.int == 1 && json["suspect_pairs"]?.int == 1 && json["pairs"]?.int == 3)
            #expect(!result.text.contains("010-4477") && !result.json.contains("010-4477"))
        }
        let snapshot = try SnapshotStage.run(
            store: store, output: run.path("snapshot"), heldOutFraction: 0, seed: 1, events: StageEvents())
        let json = try JSONValue(parsing: Array(snapshot.json.utf8), named: "result")
        #expect(json["excluded"]?["screening:suspect"]?.int == 1 && json["train"]?.int == 2)
    }
}
