import Kernels
import Markup
import StrictJSON

/// Where the time of training steps went, for people and for scripts.
struct ProfileTable {
    private let profile: ExecutionProfile
    private let threads: Int
    private let tokens: Int

    /// The table of a profile; `tokens` as TRL's `num_tokens` counts them.
    init(_ profile: ExecutionProfile, threads: Int, tokens: Int) {
        self.profile = profile
        self.threads = threads
        self.tokens = tokens
    }

    private var operations: Double { profile.entries.reduce(0) { $0 + $1.operations } }

    private var idle: Double { profile.idleShare(threads: threads) }

    /// A table in columns; GFLOP are those of matrix products, counted from their shapes.
    var text: String {
        var lines = [Self.row("where the time went", "seconds", "share", "GFLOP", "GFLOP/s")]
        func figure(_ value: Double, decimals: Int = 1) -> String { NumberText.fixed(value, decimals: decimals) }
        let all = max(profile.seconds, 1e-9)
        func line(_ name: String, _ seconds: Double, _ operations: Double) -> String {
            Self.row(
                name, figure(seconds, decimals: 2), figure(100 * seconds / all) + " %", figure(operations * 1e-9),
                figure(seconds > 0 ? operations * 1e-9 / seconds : 0))
        }
        for entry in profile.entries { lines.append(line(entry.kind.name, entry.seconds, entry.operations)) }
        lines.append(line("all steps", profile.seconds, operations))
        lines.append(
            "\(threads) threads, idle for \(figure(100 * idle)) % of their time; \(figure(Double(tokens) / all)) tokens/s, "
                + "the prompt counted for both answers.")
        return lines.joined(separator: "\n")
    }

    /// The same for scripts: seconds, operations and their rate by kind, and the share of idle threads.
    var json: JSONValue {
        func number(_ value: Double) -> JSONValue { .number(JSONNumber(value)) }
        var kinds = JSONObject()
        for entry in profile.entries {
            kinds[entry.kind.name] = [
                "seconds": number(entry.seconds), "floating_point_operations": number(entry.operations),
            ]
        }
        return [
            "seconds": number(profile.seconds), "floating_point_operations": number(operations),
            "threads": number(Double(threads)), "idle_share": number(idle), "num_tokens": .number(JSONNumber(tokens)),
            "kinds": .object(kinds),
        ]
    }

    private static func row(_ cells: String...) -> String {
        zip(cells, [20, 9, 8, 10, 9]).enumerated().map { index, cell in
            let padding = String(repeating: " ", count: max(0, cell.1 - cell.0.utf8.count))
            return index == 0 ? cell.0 + padding : padding + cell.0
        }.joined(separator: "  ")
    }
}
