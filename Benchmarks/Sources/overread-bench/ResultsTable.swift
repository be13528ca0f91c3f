import Foundation
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
        text += training + "\n" + generation
        if results["growth_batch"] != nil { text += "\n" + growth }
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

    private var training: String {
        let ours = value("train", "tokens_per_second")
        let peak = [value("gemm", "gflops"), value("gemm_after", "gflops")].compactMap { $0 }.max()
        var text =
            "## DPO training, LoRA r 16 on all projections, fp32, batch \(self.text(value("train", "batch"), 0))\n\n"
        text += "| program | tokens/s | pairs/s | peak memory, GiB | Overread is faster by |\n|---|---|---|---|---|\n"
        text +=
            "| Overread, reference cached | \(self.text(ours)) | \(self.text(value("train", "pairs_per_second"), 2)) | "
        text += "\(gibibytes(value("train", "peak_memory_bytes"))) | |\n"
        for (name, key) in [("TRL, reference in the step", "trl"), ("TRL, reference precomputed", "trl_precomputed")] {
            let theirs = value(key, "tokens_per_second")
            text += "| \(name) | \(self.text(theirs)) | \(self.text(value(key, "pairs_per_second"), 2)) | "
            text += "\(gibibytes(value(key, "peak_memory_bytes"))) | \(self.text(ratio(ours, theirs), 2)) |\n"
        }
        let share = ratio(value("train", "gflops"), peak).map { 100 * $0 }
        text += "\n- Products: \(self.text(value("train", "gflops"))) GFLOP/s over whole steps, "
        text +=
            "\(self.text(share, 0)) % of the \(self.text(peak)) GFLOP/s that the same machine reaches on the model's shapes.\n"
        text +=
            "- Memory: \(self.text(ratio(value("train", "peak_memory_bytes"), value("trl", "peak_memory_bytes")).map { 100 * $0 }, 0)) "
        text +=
            "% of TRL's. Time to the first step: \(self.text(value("train", "seconds_to_first_step"))) s, the reference of all pairs included.\n"
        text += "- Losses by step, the largest difference from TRL's: \(self.text(lossDifference, 6)).\n"
        let shares = results["train"]?["shares"]?.object?.members ?? []
        text += "- Where the time goes: "
        text += shares.map { "\($0.key) \(self.text($0.value.double.map { 100 * $0 }, 1)) %" }.joined(separator: ", ")
        text += "; threads idle \(self.text(value("train", "idle_share").map { 100 * $0 }, 1)) %.\n"
        return text
    }

    private var lossDifference: Double? {
        guard let ours = results["train"]?["losses"]?.array?.compactMap(\.double),
            let theirs = results["trl"]?["losses"]?.array?.compactMap(\.double), !theirs.isEmpty
        else { return nil }
        return zip(ours, theirs).map { abs($0 - $1) }.max()
    }

    private var generation: String {
        var text = "## Greedy generation on the same GGUF file\n\n"
        text += "| program | reading, tokens/s | writing, tokens/s |\n|---|---|---|\n"
        text += "| Overread, 16 prompts | \(self.text(value("generate", "prompt_tokens_per_second"))) | "
        text += "\(self.text(value("generate", "written_tokens_per_second"))) |\n"
        text += "| llama.cpp, 16 prompts in one batch | \(self.text(value("llama_cpp", "prompt_tokens_per_second"))) | "
        text += "\(self.text(value("llama_cpp", "batched_tokens_per_second"))) |\n"
        text += "| llama.cpp, one stream | | \(self.text(value("llama_cpp", "single_stream_tokens_per_second"))) |\n\n"
        let ours = value("generate", "written_tokens_per_second")
        text +=
            "- Against one stream of llama.cpp: \(self.text(ratio(ours, value("llama_cpp", "single_stream_tokens_per_second")), 2)) times; "
        text +=
            "against its batch: \(self.text(ratio(ours, value("llama_cpp", "batched_tokens_per_second")), 2)) times.\n"
        return text
    }

    private var growth: String {
        var text =
            "## How cost grows\n\n| pairs in a batch | tokens in a pair | ms a row | peak memory, GiB |\n|---|---|---|---|\n"
        for key in ["growth_batch", "growth_length"] {
            for entry in results[key]?.array ?? [] {
                let batch = entry["batch"]?.double ?? 0
                let tokens = (entry["tokens"]?.double ?? 0) / max(1, batch)
                let perRow = ratio(entry["median_step_seconds"]?.double, entry["rows"]?.double).map { 1000 * $0 }
                text += "| \(self.text(batch, 0)) | \(self.text(tokens, 0)) | \(self.text(perRow, 2)) | "
                text += "\(gibibytes(entry["peak_memory_bytes"]?.double)) |\n"
            }
        }
        text += "\nA row is a token that is computed: a prompt counts once for both answers.\n"
        return text
    }
}
