import Evaluation
import Foundation
import Markup
import MarkupChecking
import StrictJSON
import Testing

@testable import Reporting

@Suite("Figures, JSON and choices")
struct RenderingTests {
    @Test("the JSON report has every key, and a bare report has null for what it lacks")
    func jsonKeys() throws {
        let full = try #require(SampleReport().report.json().object)
        #expect(
            full.keys == [
                "schema_version", "title", "run_id", "date", "synthetic", "conventions", "verdict", "planned_items",
                "invalid_items", "smallest_detectable_win_rate", "systems", "content_difference", "rules", "training",
                "held_out_rewards", "examples", "leakage_checks", "provenance", "fixed_sentences", "limits",
            ])
        let bare = try #require(SampleReport().minimal.json().object)
        #expect(bare.keys == full.keys)
        for key in ["content_difference", "training", "held_out_rewards", "examples"] {
            #expect(bare[key]?.isNull == true)
        }
    }

    @Test("win rates have AlpacaEval's names and training TRL's")
    func peersNames() throws {
        let json = SampleReport().report.json()
        let aligned = try #require(json["systems"]?.array?.last)
        let rate = try #require(aligned["over_base"])
        #expect(rate["n_total"]?.int == 45 && rate["n_wins"]?.int == 40 && rate["n_draws"]?.int == 3)
        #expect(rate["n_wins_base"]?.int == 2 && rate["unit"]?.string == "fraction")
        #expect(abs((rate["win_rate"]?.double ?? 0) - 41.5 / 45) < 1e-12 && rate["standard_error"]?.double ?? 0 > 0)
        let step = try #require(json["training"]?.array?.first?.object)
        #expect(step.keys == ["step"] + step.keys.dropFirst().sorted() && step["rewards/margins"]?.double == 0)
        let overall = try #require(json["held_out_rewards"]?["overall"]?.object)
        #expect(Set(overall.keys).isSuperset(of: ["rewards/accuracies", "rewards/margins", "rewards/chosen", "loss"]))
    }

    @Test("what is not finite becomes null in JSON and breaks the line in a chart")
    func notFinite() throws {
        var report = SampleReport().report
        report.training = TrainingLog(
            steps: [1, 2, 3, 4].map { .init(step: $0, values: ["loss": $0 == 2 ? .nan : 0.5]) })
        #expect(report.json()["training"]?.array?[1]["loss"]?.isNull == true)
        #expect(report.html().components(separatedBy: "<polyline").count == 3)
        #expect(MarkupChecker(report.html()).faults.isEmpty)
    }

    @Test("axes end at round ticks around the values")
    func axes() {
        let axis = AxisScale([0.03, 2.3])
        #expect(axis.lower == 0 && axis.upper == 3 && axis.ticks == [0, 1, 2, 3])
        let flat = AxisScale([0.5, 0.5])
        #expect(flat.lower <= 0.5 && flat.upper >= 0.5 && flat.lower < flat.upper)
        let zero = AxisScale([0])
        #expect(zero.lower == 0 && zero.upper == 1)
        let negative = AxisScale([-12, 31])
        #expect(negative.ticks == [-20, 0, 20, 40] && negative.position(10, from: 0, to: 60) == 30)
    }

    @Test("a learning rate is shown times a power of ten, never with more than three decimals")
    func smallValues() {
        let points = [(x: 1.0, y: 0.00008), (x: 2.0, y: 0.0005)]
        let figure = LineChart(
            title: "Learning rate", unit: "per step", horizontal: "step", series: [.init(name: "rate", points: points)]
        ).figure.markup
        #expect(
            figure.contains("per step \u{D7} 10\u{207B}\u{2074}")
                && figure.contains("last 5 \u{D7} 10\u{207B}\u{2074}"))
    }

    @Test("broken safety rules come first, then the largest changes")
    func ruleOrder() {
        let sample = SampleReport()
        let report = sample.report
        #expect(report.rulesByChange.map(\.id).prefix(3) == ["laterality", "numbered-items", "heading"])
        #expect(report.rulesByChange.last?.id == "priors" && report.holmP.count == 13)
        #expect(report.html().contains("Safety rules broken where the base kept them: laterality (1)."))
    }

    @Test("examples are chosen by their rule, the same for a seed, no case twice")
    func selection() {
        let candidates = (0..<20).map { (index: Int) -> ExampleSelection.Candidate in
            let comparison = Comparison(
                item: index < 10 ? "c0\(index)" : "c\(index)", cluster: "p", scoreA: Double(index), scoreB: 9)
            return ExampleSelection.Candidate(comparison: comparison, contentErrors: index == 15 || index == 3 ? 4 : 0)
        }
        let chosen = ExampleSelection(seed: 9).choose(from: candidates.reversed())
        #expect(chosen.prefix(6).map(\.item) == ["c00", "c01", "c03", "c15", "c19", "c18"])
        #expect(
            chosen.map(\.reason) == [
                .largestLoss, .largestLoss, .worstContent, .worstContent, .largestWin, .largestWin, .random, .random,
            ])
        #expect(Set(chosen.map(\.item)).count == 8)
        #expect(ExampleSelection(seed: 9).choose(from: candidates).map(\.item) == chosen.map(\.item))
        #expect(ExampleSelection(seed: 9).choose(from: []).isEmpty)
    }

    @Test("the model card's front matter and tables hold hostile text")
    func card() {
        let card = SampleReport(text: { $0 + "\" | <b>\n---\nlicense: x" }).report.modelCard()
        let lines = card.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.first == "---" && lines.filter { $0 == "---" }.count == 2)
        let body = lines.drop { $0 != "---" }.dropFirst().drop { $0 != "---" }
        #expect(body.count > 60 && !body.contains { $0.contains("<b>") } && !lines.contains("license: x"))
        #expect(lines.filter { $0.hasPrefix("| ") }.count > 30)
    }
}
