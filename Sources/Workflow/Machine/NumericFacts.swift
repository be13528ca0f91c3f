import Kernels
import StrictJSON

extension ArtifactManifest {
    /// The machine, the libraries and the cost of this run, into the facts.
    mutating func addMachine(seconds: Double) {
        let environment = NumericEnvironment.current()
        facts["blas"] = .string(environment.blas)
        facts["blas_core"] = .string(environment.blasCore)
        facts["loops"] = .string(environment.loops)
        facts["processors"] = .number(JSONNumber(environment.processors))
        facts["processor"] = ProcessFacts.processorName.map { .string($0) } ?? .null
        facts["wall_clock_seconds"] = .number(JSONNumber((seconds * 1000).rounded() / 1000))
        facts["peak_memory_bytes"] = ProcessFacts.peakMemoryBytes.map { .number(JSONNumber($0)) } ?? .null
    }
}

/// A monotonic clock that was started once.
struct Stopwatch {
    private let start = ContinuousClock.now

    /// Seconds since the start.
    var seconds: Double {
        let elapsed = (ContinuousClock.now - start).components
        return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
    }
}
