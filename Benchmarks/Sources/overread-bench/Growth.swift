import Foundation
import StrictJSON

/// One measurement of how the cost of a step grows.
struct Growth {
    let batch: Int
    let tokens: Int
    let millisecondsARow: Double
    let peakGibibytes: Double

    /// The measurements of a results file, those of one length in one list.
    static func byLength(_ results: JSONValue) -> [[Growth]] {
        var lists: [[Growth]] = []
        for entry in results["growth"]?.array ?? [] {
            guard let batch = entry["batch"]?.double, let rows = entry["rows"]?.double, batch > 0, rows > 0,
                let tokens = entry["tokens"]?.double, let seconds = entry["median_step_seconds"]?.double,
                let bytes = entry["peak_memory_bytes"]?.double
            else { continue }
            let one = Growth(
                batch: Int(batch), tokens: Int((tokens / batch).rounded()), millisecondsARow: 1000 * seconds / rows,
                peakGibibytes: bytes / 1_073_741_824)
            if one.batch == 1 || lists.isEmpty { lists.append([]) }
            lists[lists.count - 1].append(one)
        }
        return lists
    }
}

/// Time for a row and peak memory, by pairs in a batch, for each length: bars that should be level.
struct GrowthChart {
    private let lists: [[Growth]]

    init(_ results: JSONValue) { lists = Growth.byLength(results) }

    private static let bar = 34.0
    private static let gap = 22.0
    private static let height = 110.0

    /// The chart, or nil when growth was not measured.
    var svg: String? {
        guard !lists.isEmpty else { return nil }
        let bars = lists.reduce(0) { $0 + $1.count }
        let width = 20 + Double(bars) * Self.bar + Double(lists.count) * Self.gap
        var text = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(width)) 400\" "
        text += "font-family=\"sans-serif\" font-size=\"9\" role=\"img\" aria-label=\"How cost grows\">\n"
        text += "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
        text += panel("Milliseconds for a row that is computed", top: 20, digits: 1) { $0.millisecondsARow }
        text += panel("Peak memory, GiB", top: 210, digits: 2) { $0.peakGibibytes }
        return text + "</svg>\n"
    }

    private func panel(_ title: String, top: Double, digits: Int, _ value: (Growth) -> Double) -> String {
        let largest = max(lists.joined().map(value).max() ?? 1, 1e-9)
        let base = top + 20 + Self.height
        var text = Self.label(10, top, title, anchor: "start", weight: "bold")
        var x = 10.0
        for list in lists {
            let first = x
            for one in list {
                let tall = Self.height * value(one) / largest
                text += "<rect x=\"\(Int(x) + 4)\" y=\"\(Self.fixed(base - tall))\" width=\"\(Int(Self.bar) - 8)\" "
                text += "height=\"\(Self.fixed(tall))\" fill=\"#3b6ea5\"/>\n"
                text += Self.label(x + Self.bar / 2, base - tall - 3, String(format: "%.\(digits)f", value(one)))
                text += Self.label(x + Self.bar / 2, base + 11, "\(one.batch)")
                x += Self.bar
            }
            let tokens = list.first?.tokens ?? 0
            text += Self.label((first + x) / 2, base + 25, "\(tokens) tokens")
            x += Self.gap
        }
        return text + Self.label(10, base + 40, "Pairs in a batch, by the tokens of a pair.", anchor: "start")
    }

    private static func label(
        _ x: Double, _ y: Double, _ words: String, anchor: String = "middle", weight: String = "normal"
    ) -> String {
        "<text x=\"\(fixed(x))\" y=\"\(fixed(y))\" text-anchor=\"\(anchor)\" font-weight=\"\(weight)\">\(words)</text>\n"
    }

    private static func fixed(_ value: Double) -> String { String(format: "%.1f", value) }
}
