import Kernels
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

    /// The names of the kinds, as they are printed.
    static func name(_ kind: ExecutionProfile.Kind) -> String {
        switch kind {
        case .gemm: "GEMM"
        case .attention: "attention"
        case .head: "head"
        case .elementWise: "element-wise"
        case .dequantisation: "dequantisation"
        case .optimizer: "optimiser"
        case .other: "other"
        }
    }

    private var operations: Double { profile.entries.reduce(0) { $0 + $1.operations } }

    private var idle: Double { profile.idleShare(threads: threads) }

    /// A table in columns; GFLOP are those of matrix products, counted from their shapes.
    var text: String {
        var lines = [Self.row("where the time went", "seconds", "share", "GFLOP", "GFLOP/s")]
        func line(_ name: String, _ seconds: Double, _ operations: Double) -> String {
            Self.row(
                name, Self.fixed(seconds, 2), Self.fixed(100 * seconds / max(profile.seconds, 1e-9), 1) + " %",
                Self.fixed(operations * 1e-9, 1), seconds > 0 ? Self.fixed(operations * 1e-9 / seconds, 1) : "0.0")
        }
        for entry in profile.entries { lines.append(line(Self.name(entry.kind), entry.seconds, entry.operations)) }
        lines.append(line("all steps", profile.seconds, operations))
        lines.append(
            "\(threads) threads, idle for \(Self.fixed(100 * idle, 1)) % of their time; "
                + "\(Self.fixed(Double(tokens) / max(profile.seconds, 1e-9), 1)) tokens/s, the prompt counted for both answers.")
        return lines.joined(separator: "\n")
    }

    /// The same for scripts: seconds, operations and their rate by kind, and the share of idle threads.
    var json: JSONValue {
        func number(_ value: Double) -> JSONValue { .number(JSONNumber(value)) }
        var kinds = JSONObject()
        for entry in profile.entries {
            kinds[Self.name(entry.kind)] = [
                "seconds": number(entry.seconds), "floating_point_operations": number(entry.operations),
            ]
        }
        return [
            "seconds": number(profile.seconds), "floating_point_operations": number(operations),
            "threads": number(Double(threads)), "idle_share": number(idle), "num_tokens": number(Double(tokens)),
            "kinds": .object(kinds),
        ]
    }

    private static func row(_ cells: String...) -> String {
        zip(cells, [20, 9, 8, 10, 9]).enumerated().map { index, cell in
            let padding = String(repeating: " ", count: max(0, cell.1 - cell.0.utf8.count))
            return index == 0 ? cell.0 + padding : padding + cell.0
        }.joined(separator: "  ")
    }

    private static func fixed(_ value: Double, _ digits: Int) -> String {
        let scale = digits == 2 ? 100.0 : 10.0
        let scaled = Int((value * scale).rounded())
        let fraction = String(abs(scaled) % Int(scale))
        let zeros = String(repeating: "0", count: digits - fraction.utf8.count)
        return "\(scaled / Int(scale)).\(zeros)\(fraction)"
    }
}
