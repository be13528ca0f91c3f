import Kernels
import StrictJSON
import Testing

@testable import Workflow

@Suite("The profile of a training run")
struct ProfileTests {
    @Test("counts the steps of this process alone, also when it stops and is resumed")
    func resumed() throws {
        let run = try TinyRun()
        _ = try run.pairs(count: 7)
        let recipe = try run.recipe(dataset: run.path("pairs.jsonl"), "logging_steps=1")
        func train(stopAfterStep step: Int?) throws -> (profile: JSONValue, notes: [String]) {
            let listener = Listener(stopAfterStep: step)
            _ = try TrainStage.run(recipe, profiled: true, events: listener.events)
            return (try run.json("adapter/profile.json"), listener.notes)
        }
        let first = try train(stopAfterStep: 3)
        let second = try train(stopAfterStep: nil)
        let log = try run.lines("adapter/metrics.jsonl")
        let tokens = log.compactMap { $0["num_tokens"]?.double.map { Int($0) } }
        try #require(tokens.count == 8)
        #expect(first.profile["num_tokens"]?.int == tokens[2])
        #expect(second.profile["num_tokens"]?.int == tokens[7] - tokens[2])
        for (profile, notes) in [first, second] {
            let kinds = try #require(profile["kinds"]?.object)
            #expect(kinds.members.map(\.key) == ExecutionProfile.Kind.allCases.map(\.name))
            let seconds = kinds.members.compactMap { $0.value["seconds"]?.double }
            let all = try #require(profile["seconds"]?.double)
            #expect(all > 0 && abs(seconds.reduce(0, +) - all) < 1e-6)
            for kind in ["GEMM", "attention", "head"] {
                #expect((profile["kinds"]?[kind]?["floating_point_operations"]?.double ?? 0) > 0, "\(kind)")
            }
            let table = try #require(notes.first { $0.hasPrefix("where the time went") })
            #expect(table.contains("\nelement-wise ") && table.hasSuffix(" the prompt counted for both answers."))
        }
        // Operations are counted from shapes: three steps and five steps of the same pairs do them in proportion.
        let operations = [first, second].compactMap { $0.profile["floating_point_operations"]?.double }
        #expect(operations[0] > 0 && operations[1] > operations[0])
    }
}
