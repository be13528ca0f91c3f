import Kernels
import StrictJSON

extension ArtifactManifest {
    /// The machine, the libraries and the cost of this run, into the facts.
    mutating func addMachine(seconds: Double) {
        let environment = NumericEnvironment.current()
        facts["blas"] = .string(environment.blas)
        facts["blas_core"] = .string(environment.blasCore)
        facts["float32_products"] = .string(environment.float32Products)
        facts["bfloat16_products"] = .string(environment.bfloat16Products)
        facts["loops"] = .string(environment.loops)
        facts["processors"] = .number(JSONNumber(environment.processors))
        facts["processor"] = ProcessFacts.processorName.map { .string($0) } ?? .null
        facts["wall_clock_seconds"] = .number(JSONNumber((seconds * 1000).rounded() / 1000))
        facts["peak_memory_bytes"] = ProcessFacts.peakMemoryBytes.map { .number(JSONNumber($0)) } ?? .null
    }
}

extension BFloat16Support {
    /// Why bf16 products are not to be had, and how they would be; nil where they are.
    var problem: (words: String, mend: String)? {
        switch self {
        case .ready: nil
        case .noProcessor:
            ("this processor has no bf16 dot products (needed: AVX512_BF16 or AMX)", "use a machine that has them")
        case .noLibrary:
            (
                "oneDNN was not found (looked for: libdnnl.so.3, libdnnl.so.2)",
                "unset OVERREAD_MATRIX_TILES, or run scripts/setup-packages.sh --with-onednn"
            )
        case .unsuitableLibrary:
            (
                "the oneDNN that was found cannot be used (allowed: version 2 or 3, built for OpenMP or for one thread)",
                "unset OVERREAD_MATRIX_TILES, or run scripts/setup-packages.sh --with-onednn"
            )
        }
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
