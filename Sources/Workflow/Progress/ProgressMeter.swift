/// Turns progress into lines of text: a bar with rate and time left on a terminal, plain lines elsewhere.
///
/// It holds no clock and writes nothing: the caller says what time it is and prints what comes back.
public struct ProgressMeter: Sendable {
    /// Where the lines go.
    public enum Style: Sendable {
        /// One line that is written over, of at most so many columns.
        case bar(columns: Int)
        /// A line of its own every so many seconds.
        case lines(everySeconds: Double)
    }

    private let style: Style
    private var label = ""
    private var startSeconds = 0.0
    private var startDone = 0
    private var lastSeconds = -Double.infinity
    private var isComplete = false

    /// A meter that writes in a style.
    public init(style: Style) { self.style = style }

    /// The line to show now, or nil when it is too early for another one.
    ///
    /// - Parameters:
    ///   - progress: how far the step is.
    ///   - seconds: a monotonic time.
    public mutating func line(for progress: StageProgress, atSeconds seconds: Double) -> String? {
        let isNew = progress.label != label || progress.done < startDone
        if isNew {
            label = progress.label
            startSeconds = seconds
            startDone = progress.done
            lastSeconds = -.infinity
            isComplete = false
        }
        let isLast = progress.total > 0 && progress.done >= progress.total
        guard !isComplete, isLast || isNew || seconds - lastSeconds >= interval else { return nil }
        if case .lines = style, isNew, !isLast {
            // The first plain line comes after one interval: short steps then leave only their last line.
            lastSeconds = seconds
            return nil
        }
        lastSeconds = seconds
        isComplete = isLast
        return render(progress, elapsed: seconds - startSeconds, isLast: isLast)
    }

    private var interval: Double {
        switch style {
        case .bar: 0.1
        case .lines(let seconds): seconds
        }
    }

    private func render(_ progress: StageProgress, elapsed: Double, isLast: Bool) -> String {
        let fraction = progress.total > 0 ? min(1, Double(progress.done) / Double(progress.total)) : 0
        let rate = elapsed > 0 ? Double(progress.done - startDone) / elapsed : 0
        var parts = ["\(progress.done)/\(progress.total) \(progress.unit)"]
        if rate > 0 { parts.append("\(Self.rate(rate)) \(progress.unit)/s") }
        if isLast {
            parts.append("in \(Self.duration(elapsed))")
        } else if rate > 0 {
            parts.append("\(Self.duration(Double(progress.total - progress.done) / rate)) left")
        }
        if !progress.detail.isEmpty { parts.append(progress.detail) }
        let facts = parts.joined(separator: "  ")
        switch style {
        case .lines:
            return "\(progress.label): \(facts)"
        case .bar(let columns):
            let room = max(0, min(30, columns - progress.label.utf8.count - facts.utf8.count - 8))
            let filled = Int((fraction * Double(room)).rounded(.down))
            let bar =
                room < 5
                ? "" : "[\(String(repeating: "#", count: filled))\(String(repeating: ".", count: room - filled))]  "
            return String("\(progress.label)  \(bar)\(facts)".prefix(max(20, columns - 1)))
        }
    }

    /// A figure with four decimals at most, such as `0.6931`.
    static func short(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e9 else { return "\(value)" }
        let rounded = (value * 10_000).rounded() / 10_000
        // What rounds to nothing has no sign.
        return rounded == 0 ? "0.0" : "\(rounded)"
    }

    /// A rate with two or three figures, such as `0.42`, `12.3` or `1234`.
    static func rate(_ value: Double) -> String {
        if value >= 100 { return String(Int(value.rounded())) }
        let scale = value >= 10 ? 10.0 : 100.0
        let digits = value >= 10 ? 1 : 2
        let scaled = Int((value * scale).rounded())
        let fraction = String(scaled % Int(scale))
        return "\(scaled / Int(scale)).\(String(repeating: "0", count: digits - fraction.utf8.count))\(fraction)"
    }

    /// A time such as `0:07`, `3:40` or `1:02:09`.
    public static func duration(_ seconds: Double) -> String {
        let whole = seconds.isFinite ? Int(max(0, min(seconds, 1e7)).rounded()) : 0
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
    }
}
