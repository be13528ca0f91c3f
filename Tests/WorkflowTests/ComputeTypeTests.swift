import Diagnostics
import Kernels
import StrictJSON
import Testing

@testable import Workflow

@Suite("compute_dtype")
struct ComputeTypeTests {
    @Test("bfloat16 is refused where it would only be slow, with what is missing and what to do")
    func refused() throws {
        let run = try TinyRun()
        let recipe = try run.recipe(dataset: try run.pairs(), "compute_dtype=bfloat16")
        for (support, words, mend) in [
            (BFloat16Support.noProcessor, "AVX512_BF16 or AMX", "a machine that has them"),
            (.noLibrary, "oneDNN was not found", "--with-onednn"),
            (.unsuitableLibrary, "version 2 or 3", "--with-onednn"),
        ] {
            let refusal = #expect(throws: Refusal.self) { try recipe.requireComputeType(support) }
            #expect(refusal?.code == "train.no-bfloat16" && refusal?.location == "compute_dtype")
            #expect(refusal?.problem.contains(words) == true)
            #expect(refusal?.remedy.contains(mend) == true && refusal?.remedy.contains("float32") == true)
            #expect(throws: Never.self) {
                try run.recipe(dataset: "unused.jsonl", "compute_dtype=float32").requireComputeType(support)
            }
        }
        #expect(throws: Never.self) { try recipe.requireComputeType(.ready) }
    }

    @Test("training refuses before it reads or writes anything, or does it where the machine can")
    func train() throws {
        let run = try TinyRun()
        let recipe = try run.recipe(dataset: try run.pairs(), "compute_dtype=bfloat16")
        let before = run.listing()
        if BFloat16Support.current == .ready {
            _ = try TrainStage.run(recipe, events: StageEvents())
            let facts = try run.json("adapter/run.json")["facts"]
            #expect(facts?["bfloat16_products"]?.string == NumericEnvironment.current().bfloat16Products)
            #expect(facts?["bfloat16_products"]?.string != "fp32")
        } else {
            let refusal = #expect(throws: Refusal.self) { try TrainStage.run(recipe, events: StageEvents()) }
            #expect(refusal?.code == "train.no-bfloat16")
            #expect(run.listing() == before)
        }
    }

    @Test("doctor says what bfloat16 would find")
    func doctor() {
        let environment = NumericEnvironment.current()
        let missing = DoctorStage.bfloat16Finding(.noLibrary, environment)
        #expect(missing.words.contains("oneDNN was not found") && missing.mend?.contains("--with-onednn") == true)
        #expect(DoctorStage.bfloat16Finding(.noProcessor, environment).mend == nil)
        #expect(
            DoctorStage.bfloat16Finding(.ready, environment).words == "products through \(environment.bfloat16Products)"
        )
    }
}
