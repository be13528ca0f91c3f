import ArgumentParser
import Diagnostics
import Foundation
import Kernels
import StrictJSON

/// Measures training and generation; each measurement is a process of its own, so that its memory is its own too.
@main
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "overread-bench", abstract: "Measure the engine, beside its peers where they are installed.",
        subcommands: [All.self, Gemm.self, WritePairs.self, Train.self, Generate.self], defaultSubcommand: All.self)

    static func main() {
        BLASCore.correctForProcessor()
        main(nil)
    }
}

/// What every measurement takes.
struct ModelOptions: ParsableArguments {
    @Option(help: "The base model, a GGUF file.")
    var model = ".cache/models/SmolLM2-135M-Instruct.Q4_1.gguf"
}

/// A monotonic clock that was started once.
struct Watch {
    private let start = DispatchTime.now().uptimeNanoseconds

    /// Seconds since the start.
    var seconds: Double { Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9 }
}

/// The middle of some values; the mean of the two middle ones when they are even in number.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/// The most memory that this process has held, bytes.
var peakMemoryBytes: Double {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
        let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
        let kibibytes = Double(line.split(whereSeparator: { $0 == " " || $0 == "\t" })[1])
    else { return .nan }
    return kibibytes * 1024
}

/// A number for JSON.
func number(_ value: Double) -> JSONValue { value.isFinite ? .number(JSONNumber(value)) : .null }
