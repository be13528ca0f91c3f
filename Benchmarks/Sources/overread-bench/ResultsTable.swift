import Foundation
import Kernels
import StrictJSON

/// The measurements as Markdown: rates, ratios and what a target asks of them.
struct ResultsTable {
    private let results: JSONValue

    init(_ results: JSONValue) { self.results = results }

    var markdown: String {
        var text = "# Benchmark results\n\n"
        text +=
            "Written by `make bench`. Machine: \(results["machine"]?.string ?? "?"). Ratios within this run are the claim, "
        text += "absolute times are not. Tokens are counted as TRL counts them: the prompt once for each answer.\n\n"
        if let cores = results["side_by_side"]?.string {
            text += "Ours and the peers ran at the same time, each on two cores of its own (\(cores), ours first).\n\n"
        }
        for type in ComputeType.allCases where results[Self.names(type).ours] != nil { text += training(type) + "\n" }
        text += generation
        if results["growth"] != nil { text += "\n" + growth }
        return text
    }

    private func value(_ path: String...) -> Double? {
        var node: JSONValue? = results
        for key in path { node = node?[key] }
        return node?.double
    }

    private func text(_ value: Double?, _ digits: Int = 1) -> String {
        value.map { String(format: "%.\(digits)f", $0) } ?? "not measured"
    }

    private func gibibytes(_ value: Double?) -> String { text(value.map { $0 / 1_073_741_824 }, 2) }

    private func ratio(_ a: Double?, _ b: Double?) -> Double? {
        guard let a, let b, b > 0 else { return nil }
        return a / b
    }

    /// What is appended to a measurement's name when it is made again.
    static func suffix(_ round: Int) -> String { round == 0 ? "" : round == 1 ? "_after" : "_after\(round)" }

    /// Every measurement of a name, before the peers and after them, or again and again beside them.
    private func rounds(_ name: String) -> [JSONValue] {
        var found: [JSONValue] = []
        while let next = results["\(name)\(Self.suffix(found.count))"] { found.append(next) }
        return found
    }

    /// A figure of ours from every measurement: the largest rate, the largest peak.
    private func best(_ name: String, _ key: String) -> Double? { rounds(name).compactMap { $0[key]?.double }.max() }

    /// What the measurements of a compute type are called: ours, TRL's, TRL's with the reference computed once.
    static func names(_ type: ComputeType) -> (ours: String, trl: String, precomputed: String) {
        switch type {
        case .float32: ("train", "trl", "trl_precomputed")
        case .float32High: ("train_high", "trl", "trl_precomputed")
        case .bfloat16: ("train_bf16", "trl_bf16", "trl_bf16_precomputed")
        }
    }

    private func training(_ type: ComputeType) -> String {
        let (name, trl, precomputed) = Self.names(type)
        /// Every counted step of ours, seconds.
        let steps = rounds(name).flatMap { $0["step_seconds"]?.array?.compactMap(\.double) ?? [] }
        let tokens = value(name, "tokens") ?? 0
        let (batch, seconds) = (value(name, "batch") ?? 0, steps.isEmpty ? nil : median(steps))
        let reference = rounds(name).compactMap { $0["reference_seconds_per_pair"]?.double }
        // With the reference in the step: the measured step and the measured reference of its pairs.
        let whole = seconds.map { $0 + batch * (reference.isEmpty ? 0 : median(reference)) }
        let peak = best("gemm", "gflops")
        let title = type == .float32High ? "float32 with `float32_matmul_precision: high`" : type.rawValue
        var text = "## DPO training, LoRA r 16 on all projections, \(title), batch \(self.text(batch, 0))\n\n"
        text += "| reference | program | tokens/s | pairs/s | peak memory, GiB | Overread is faster by |\n"
        text += "|---|---|---|---|---|---|\n"
        for (reference, key, ours) in [
            ("in each step", trl, whole), ("computed once", precomputed, seconds),
        ] {
            let (mine, theirs) = (ratio(tokens, ours), value(key, "tokens_per_second"))
            text += "| \(reference) | Overread | \(self.text(mine)) | \(self.text(ratio(batch, ours), 2)) | "
            text += "\(gibibytes(best(name, "peak_memory_bytes"))) | |\n"
            text += "| \(reference) | TRL | \(self.text(theirs)) | \(self.text(value(key, "pairs_per_second"), 2)) | "
            text += "\(gibibytes(value(key, "peak_memory_bytes"))) | \(self.text(ratio(mine, theirs), 2)) |\n"
        }
        let share = ratio(best(name, "gflops"), peak).map { 100 * $0 }
        text += "\n- Steps of ours took \(self.text(steps.min(), 2)) to \(self.text(steps.max(), 2)) s, "
        text += "median \(self.text(seconds, 2))"
        text += results["side_by_side"] == nil ? ", half of them before the peers' runs and half after.\n" : ".\n"
        text += "- Products: \(self.text(best(name, "gflops"))) GFLOP/s over whole steps in the best measurement, "
        text +=
            "\(self.text(share, 0)) % of the \(self.text(peak)) that the same machine reaches in fp32 on the model's shapes.\n"
        if let products = results[name]?["products"]?.string, products != "OpenBLAS" {
            text += "- Frozen weights are multiplied through \(products), which reach "
            text += "\(self.text(best("gemm", "gflops_\(type.rawValue)"))) GFLOP/s on the same shapes.\n"
        }
        if type == .float32, results["train_openblas"] != nil { text += throughOpenBLAS(tokens, trl, precomputed) }
        let memory = ratio(best(name, "peak_memory_bytes"), value(trl, "peak_memory_bytes")).map { 100 * $0 }
        text += "- Memory: \(self.text(memory, 0)) % of TRL's. Time to the first step: "
        text += "\(self.text(value(name, "seconds_to_first_step"))) s, the reference of all pairs included.\n"
        let difference = self.text(lossDifference(name, trl), 6)
        text += "- Losses by step, the largest difference from TRL's: \(difference).\n"
        func heldOut(_ name: String) -> String {
            let margin = self.text(value(name, "held_out_margin"), 4)
            return "accuracy \(self.text(value(name, "held_out_accuracy"), 3)), margin \(margin)"
        }
        text += "- Pairs held out, after these steps: \(heldOut(name)); TRL's \(heldOut(trl)).\n"
        text += "- Where the time goes:\n\n| | share of the time, % | GFLOP/s |\n|---|---|---|\n"
        for (kind, share) in results[name]?["shares"]?.object?.members.map({ ($0.key, $0.value.double) }) ?? [] {
            let rate = value(name, "rates", kind).map { self.text($0) } ?? ""
            text += "| \(kind) | \(self.text(share.map { 100 * $0 })) | \(rate) |\n"
        }
        text +=
            "\nThreads stood idle for \(self.text(value(name, "idle_share").map { 100 * $0 })) % of their time.\n"
        return text
    }

    /// What the same fp32 run does where it is kept from the processor's tiles.
    private func throughOpenBLAS(_ tokens: Double, _ trl: String, _ precomputed: String) -> String {
        let found = rounds("train_openblas")
        let steps = found.flatMap { $0["step_seconds"]?.array?.compactMap(\.double) ?? [] }
        let reference = found.compactMap { $0["reference_seconds_per_pair"]?.double }
        guard !steps.isEmpty, !reference.isEmpty else { return "" }
        let step = median(steps)
        let whole = step + (value("train_openblas", "batch") ?? 0) * median(reference)
        func times(_ seconds: Double, _ key: String) -> String {
            text(ratio(tokens / seconds, value(key, "tokens_per_second")), 2)
        }
        return
            "- Through OpenBLAS alone (`OVERREAD_MATRIX_TILES=off`): \(text(tokens / whole)) tokens/s with the reference in "
            + "each step and \(text(tokens / step)) with it computed once, \(times(whole, trl)) and "
            + "\(times(step, precomputed)) times TRL.\n"
    }

    private func lossDifference(_ ours: String, _ trl: String) -> Double? {
        guard let ours = results[ours]?["losses"]?.array?.compactMap(\.double),
            let theirs = results[trl]?["losses"]?.array?.compactMap(\.double), !theirs.isEmpty
        else { return nil }
        return zip(ours, theirs).map { abs($0 - $1) }.max()
    }

    /// The mean of a figure of generation, before the peers and after them.
    private func middle(_ key: String) -> Double? {
        let found = rounds("generate").compactMap { $0[key]?.double }
        return found.isEmpty ? nil : found.reduce(0, +) / Double(found.count)
    }

    private var generation: String {
        guard results["generate"] != nil else { return "" }
        var text = "## Greedy generation on the same GGUF file\n\n"
        text += "| program | reading, tokens/s | writing, tokens/s |\n|---|---|---|\n"
        text += "| Overread, 16 prompts | \(self.text(middle("prompt_tokens_per_second"))) | "
        text += "\(self.text(middle("written_tokens_per_second"))) |\n"
        text += "| llama.cpp, 16 prompts in one batch | \(self.text(value("llama_cpp", "prompt_tokens_per_second"))) | "
        text += "\(self.text(value("llama_cpp", "batched_tokens_per_second"))) |\n"
        text += "| llama.cpp, one stream | | \(self.text(value("llama_cpp", "single_stream_tokens_per_second"))) |\n\n"
        let ours = middle("written_tokens_per_second")
        text +=
            "- Against one stream of llama.cpp: \(self.text(ratio(ours, value("llama_cpp", "single_stream_tokens_per_second")), 2)) times; "
        text +=
            "against its batch: \(self.text(ratio(ours, value("llama_cpp", "batched_tokens_per_second")), 2)) times.\n"
        return text
    }

    private var growth: String {
        var text = "## How cost grows\n\n![Time for a row and peak memory](growth.svg)\n\n"
        text += "| tokens in a pair | pairs in a batch | ms a row | peak memory, GiB |\n|---|---|---|---|\n"
        for one in Growth.byLength(results).joined() {
            text += "| \(one.tokens) | \(one.batch) | \(self.text(one.millisecondsARow, 2)) | "
            text += "\(self.text(one.peakGibibytes, 2)) |\n"
        }
        return text
            + "\nA row is a token that is computed: what both answers share counts once. One pair is a pass of its own; the "
            + "longer it is, the more its attention costs.\n"
    }
}
