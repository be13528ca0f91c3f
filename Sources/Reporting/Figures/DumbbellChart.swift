import Markup

/// Two rates a row joined by a line: where the base stood and where the aligned model stands.
struct DumbbellChart {
    /// One row.
    struct Row {
        /// Its label.
        let label: String
        /// The base's rate, 0 to 1.
        let before: Double
        /// The aligned model's rate, 0 to 1.
        let after: Double
        /// Whether the row must stand out.
        let isAlarming: Bool
    }

    /// What the chart shows.
    let title: String
    /// The rows in order.
    let rows: [Row]

    private static let left = 196.0
    private static let right = 532.0
    private static let rowHeight = 26.0

    /// The figure with its legend; empty HTML without rows.
    var figure: HTMLText {
        guard !rows.isEmpty else { return HTMLText() }
        let bottom = Double(rows.count) * Self.rowHeight + 10
        var parts: [HTMLText] = []
        for tick in [0, 0.25, 0.5, 0.75, 1] {
            let x = coordinate(Self.x(tick))
            parts.append(tag("line", ["class": "grid", "x1": x, "y1": "4", "x2": x, "y2": coordinate(bottom)]))
            parts.append(
                tag(
                    "text", ["class": "tick middle", "x": x, "y": coordinate(bottom + 16)],
                    HTMLText(NumberText.short(tick))))
        }
        parts += rows.enumerated().map { draw($1, y: (Double($0) + 0.5) * Self.rowHeight + 4) }
        let svg = HTMLText.element(
            "svg",
            [
                "class": "dumbbell", "viewBox": "0 0 550 \(coordinate(bottom + 24))", "role": "img",
                "aria-label": title + ": "
                    + rows.map {
                        "\($0.label) from \(NumberText.fixed($0.before, decimals: 2)) to "
                            + NumberText.fixed($0.after, decimals: 2)
                    }.joined(separator: "; ") + ".",
            ], parts)
        let legend = tag(
            "ul", ["class": "legend"], Self.key("before", "base"), Self.key("after", "aligned"),
            rows.contains(where: \.isAlarming) ? Self.key("after alarm", "safety rule broken") : HTMLText())
        return tag(
            "figure", ["class": "wide"], tag("figcaption", [:], HTMLText(title)),
            tag("div", ["class": "scroll", "tabindex": "0", "role": "group", "aria-label": title], svg), legend)
    }

    private static func x(_ rate: Double) -> Double { left + rate * (right - left) }

    private static func key(_ style: String, _ label: String) -> HTMLText {
        tag(
            "li", [:],
            tag(
                "svg", ["class": "swatch", "viewBox": "0 0 22 10", "aria-hidden": "true"],
                tag("circle", ["class": style, "cx": "11", "cy": "5", "r": "4.4"])), HTMLText(label))
    }

    private func draw(_ row: Row, y: Double) -> HTMLText {
        let alarm = row.isAlarming ? " alarm" : ""
        return tag(
            "g", [:],
            tag(
                "text", ["class": "label end\(alarm)", "x": coordinate(Self.left - 14), "y": coordinate(y + 4)],
                HTMLText(row.label)),
            tag(
                "line",
                [
                    "class": "link\(row.after < row.before ? " down" : "")\(alarm)",
                    "x1": coordinate(Self.x(row.before)),
                    "y1": coordinate(y), "x2": coordinate(Self.x(row.after)), "y2": coordinate(y),
                ]),
            tag("circle", ["class": "before", "cx": coordinate(Self.x(row.before)), "cy": coordinate(y), "r": "5"]),
            tag(
                "circle",
                ["class": "after\(alarm)", "cx": coordinate(Self.x(row.after)), "cy": coordinate(y), "r": "5"]))
    }
}
