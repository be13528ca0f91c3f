import Evaluation
import Markup

/// Bars of wins, ties and losses, each with the win rate's interval as a whisker and a line at one half.
struct WinBars {
    /// One comparison.
    struct Row {
        /// What the aligned model is compared with.
        let opponent: String
        /// The result.
        let rate: WinRate
    }

    /// The comparisons, the headline first.
    let rows: [Row]

    private static let left = 12.0
    private static let right = 468.0
    private static let rowHeight = 74.0

    /// The figure with its legend.
    var figure: HTMLText {
        let height = Double(rows.count) * Self.rowHeight + 26
        let parts = rows.enumerated().map { bar($1, top: Double($0) * Self.rowHeight) } + [axis(height: height)]
        let svg = HTMLText.element(
            "svg",
            [
                "class": "bars", "viewBox": "0 0 480 \(coordinate(height))", "role": "img",
                "aria-label": rows.map(Self.alternative).joined(separator: " "),
            ], parts)
        let legend = tag(
            "ul", ["class": "legend"], Self.key("win", "wins"), Self.key("tie", "ties"), Self.key("loss", "losses"),
            tag(
                "li", [:], "whisker: win rate (tie = half) with its interval; dashed line: one half, no preference"))
        return tag(
            "figure", ["class": "wide"],
            tag("figcaption", [:], "Share of cases that the aligned model won, tied and lost"), svg, legend)
    }

    private static func key(_ name: String, _ label: String) -> HTMLText {
        tag(
            "li", [:],
            tag(
                "svg", ["class": "swatch", "viewBox": "0 0 22 10", "aria-hidden": "true"],
                tag("rect", ["class": name, "x": "4", "y": "0", "width": "14", "height": "10"])), HTMLText(label))
    }

    private static func alternative(_ row: Row) -> String {
        let rate = row.rate
        return
            "Aligned model over \(row.opponent): \(rate.wins) wins, \(rate.ties) ties, \(rate.losses) losses; win rate "
            + "\(NumberText.fixed(rate.tieHalf)), \(NumberText.level(rate.interval.level)) interval "
            + "\(NumberText.interval(rate.interval))."
    }

    private static func x(_ share: Double) -> Double { left + share * (right - left) }

    private func bar(_ row: Row, top: Double) -> HTMLText {
        let rate = row.rate
        var parts = [
            tag(
                "text", ["class": "label", "x": coordinate(Self.left), "y": coordinate(top + 14)],
                HTMLText("over \(row.opponent)")),
            tag(
                "text", ["class": "tick end", "x": coordinate(Self.right), "y": coordinate(top + 14)],
                HTMLText("W \(rate.wins) \u{00B7} T \(rate.ties) \u{00B7} L \(rate.losses)")),
        ]
        var start = 0.0
        for (name, count) in [("win", rate.wins), ("tie", rate.ties), ("loss", rate.losses)] where count > 0 {
            let share = Double(count) / Double(rate.total)
            parts.append(
                tag(
                    "rect",
                    [
                        "class": name, "x": coordinate(Self.x(start)), "y": coordinate(top + 20),
                        "width": coordinate(share * (Self.right - Self.left)), "height": "20",
                    ]))
            start += share
        }
        parts += whisker(rate, y: top + 52)
        return .element("g", [:], parts)
    }

    private func whisker(_ rate: WinRate, y: Double) -> [HTMLText] {
        let (lower, upper) = (Self.x(rate.interval.lower), Self.x(rate.interval.upper))
        func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> HTMLText {
            tag(
                "line",
                [
                    "class": "whisker", "x1": coordinate(x1), "y1": coordinate(y1), "x2": coordinate(x2),
                    "y2": coordinate(y2),
                ])
        }
        return [
            line(lower, y, upper, y), line(lower, y - 5, lower, y + 5), line(upper, y - 5, upper, y + 5),
            tag("circle", ["class": "dot", "cx": coordinate(Self.x(rate.tieHalf)), "cy": coordinate(y), "r": "4.5"]),
        ]
    }

    private func axis(height: Double) -> HTMLText {
        let bottom = height - 22
        var parts = [
            tag(
                "line",
                [
                    "class": "half", "x1": coordinate(Self.x(0.5)), "y1": "18", "x2": coordinate(Self.x(0.5)),
                    "y2": coordinate(bottom),
                ]),
            tag(
                "line",
                [
                    "class": "axis", "x1": coordinate(Self.left), "y1": coordinate(bottom),
                    "x2": coordinate(Self.right), "y2": coordinate(bottom),
                ]),
        ]
        for (tick, anchor) in [(0, "start"), (0.25, "middle"), (0.5, "middle"), (0.75, "middle"), (1, "end")] {
            parts.append(
                tag(
                    "text",
                    ["class": "tick \(anchor)", "x": coordinate(Self.x(tick)), "y": coordinate(bottom + 16)],
                    HTMLText(NumberText.short(tick))))
        }
        return .element("g", [:], parts)
    }
}
