import Markup

/// A line chart as SVG, with axes, round ticks, a legend and a text alternative.
struct LineChart {
    /// One line.
    struct Series {
        /// Its name in the legend.
        let name: String
        /// Its points in order; those with a value that is not finite break the line.
        let points: [(x: Double, y: Double)]
    }

    /// What the chart shows.
    let title: String
    /// The unit of the values, shown above the axis.
    let unit: String
    /// The name of the horizontal axis.
    let horizontal: String
    /// One to three lines, told apart by colour and dashes.
    let series: [Series]

    private static let width = 360.0
    private static let height = 208.0
    private static let plot = (left: 46.0, right: 348.0, top: 24.0, bottom: 170.0)

    /// The figure; empty HTML when no line has a finite point.
    var figure: HTMLText {
        let finite = series.flatMap(\.points).filter { $0.x.isFinite && $0.y.isFinite }
        guard !finite.isEmpty else { return HTMLText() }
        let power = Self.powerOfTen(finite.map { abs($0.y) }.max() ?? 0)
        let factor = power.factor
        let vertical = AxisScale(finite.map { $0.y * factor })
        let steps = AxisScale(finite.map(\.x), count: 5)
        let across = AxisScale(
            lower: finite.map(\.x).min() ?? 0, upper: max(finite.map(\.x).max() ?? 1, (finite.map(\.x).min() ?? 0) + 1),
            ticks: steps.ticks)
        var parts = axes(vertical: vertical, horizontal: across, unit: unit + power.label)
        for (index, line) in series.enumerated() {
            parts += path(line, index: index, factor: factor, vertical: vertical, horizontal: across)
        }
        let svg = HTMLText.element(
            "svg",
            [
                "viewBox": "0 0 \(coordinate(Self.width)) \(coordinate(Self.height))", "role": "img",
                "aria-label": alternative,
            ], parts)
        return tag("figure", ["class": "chart"], tag("figcaption", [:], HTMLText(title)), svg, legend)
    }

    /// The chart in words.
    private var alternative: String {
        let lines = series.compactMap { line -> String? in
            let points = line.points.filter { $0.x.isFinite && $0.y.isFinite }
            guard let first = points.first, let last = points.last else { return nil }
            return "\(line.name) goes from \(Self.value(first.y)) at step \(NumberText.short(first.x)) to "
                + "\(Self.value(last.y)) at step \(NumberText.short(last.x))"
        }
        return "Line chart of \(title): " + lines.joined(separator: "; ") + "."
    }

    private var legend: HTMLText {
        let items = series.enumerated().map { index, line -> HTMLText in
            let swatch = tag(
                "svg", ["class": "swatch", "viewBox": "0 0 22 10", "aria-hidden": "true"],
                tag("line", ["class": "line s\(index)", "x1": "1", "y1": "5", "x2": "21", "y2": "5"]))
            let last = line.points.last { $0.y.isFinite }.map { ", last \(Self.value($0.y))" } ?? ""
            return tag("li", [:], swatch, HTMLText(line.name + last))
        }
        return .element("ul", ["class": "legend"], items)
    }

    private func axes(vertical: AxisScale, horizontal: AxisScale, unit: String) -> [HTMLText] {
        let plot = Self.plot
        var parts: [HTMLText] = []
        for tick in vertical.ticks {
            let y = coordinate(vertical.position(tick, from: plot.bottom, to: plot.top))
            parts.append(
                tag(
                    "line",
                    [
                        "class": abs(tick) < 1e-12 ? "zero" : "grid", "x1": coordinate(plot.left), "y1": y,
                        "x2": coordinate(plot.right), "y2": y,
                    ]))
            parts.append(
                tag(
                    "text", ["class": "tick end", "x": coordinate(plot.left - 6), "y": y, "dy": "4"],
                    HTMLText(NumberText.short(tick))))
        }
        for tick in horizontal.ticks where tick >= horizontal.lower && tick <= horizontal.upper {
            let x = coordinate(horizontal.position(tick, from: plot.left, to: plot.right))
            parts.append(
                tag(
                    "line",
                    [
                        "class": "axis", "x1": x, "y1": coordinate(plot.bottom), "x2": x,
                        "y2": coordinate(plot.bottom + 4),
                    ]))
            parts.append(
                tag(
                    "text", ["class": "tick middle", "x": x, "y": coordinate(plot.bottom + 17)],
                    HTMLText(NumberText.short(tick))))
        }
        parts.append(
            tag(
                "line",
                [
                    "class": "axis", "x1": coordinate(plot.left), "y1": coordinate(plot.bottom),
                    "x2": coordinate(plot.right), "y2": coordinate(plot.bottom),
                ]))
        parts.append(tag("text", ["class": "tick", "x": "2", "y": "12"], HTMLText(unit)))
        parts.append(
            tag(
                "text", ["class": "tick end", "x": coordinate(plot.right), "y": coordinate(plot.bottom + 33)],
                HTMLText(self.horizontal)))
        return parts
    }

    private func path(
        _ line: Series, index: Int, factor: Double, vertical: AxisScale, horizontal: AxisScale
    ) -> [HTMLText] {
        var runs: [[String]] = [[]]
        for point in line.points {
            guard point.x.isFinite, point.y.isFinite else {
                runs.append([])
                continue
            }
            let x = coordinate(horizontal.position(point.x, from: Self.plot.left, to: Self.plot.right))
            let y = coordinate(vertical.position(point.y * factor, from: Self.plot.bottom, to: Self.plot.top))
            runs[runs.count - 1].append("\(x),\(y)")
        }
        return runs.filter { !$0.isEmpty }.map { run in
            // A lone point is drawn as a line back to itself, which a round cap makes a dot.
            let points = run.count == 1 ? run + run : run
            return tag("polyline", ["class": "line s\(index)", "points": points.joined(separator: " ")])
        }
    }

    /// Values below a hundredth are shown times a power of ten, so that no tick needs more than three decimals.
    private static func powerOfTen(_ largest: Double) -> (factor: Double, label: String) {
        guard largest > 0, largest < 0.01 else { return (1, "") }
        var (factor, exponent) = (1.0, 0)
        while largest * factor < 1, exponent < 30 {
            factor *= 10
            exponent += 1
        }
        let digits =
            ["\u{2070}", "\u{00B9}", "\u{00B2}", "\u{00B3}"]
            + (4...9).compactMap { Unicode.Scalar(0x2070 + $0) }.map { String($0) }
        let superscript = String(exponent).utf8.map { digits[Int($0) - 48] }.joined()
        return (factor, " \u{00D7} 10\u{207B}\(superscript)")
    }

    private static func value(_ value: Double) -> String {
        let power = powerOfTen(abs(value))
        let scaled = value * power.factor
        let isLarge = abs(scaled) >= 10
        return (isLarge ? NumberText.fixed(scaled, decimals: 1) : NumberText.short(scaled)) + power.label
    }
}
