internal import CKernels
internal import COpenBLAS

/// What does the arithmetic on this machine; it goes into every manifest, because results depend on it in the last bits.
public struct NumericEnvironment: Sendable, Equatable {
    /// OpenBLAS's version and build, as it describes itself.
    public let blas: String
    /// The processor type for which OpenBLAS picked its kernels.
    public let blasCore: String
    /// What computes fp32 products with frozen weights: "AMX tiles" or "AVX-512 vectors" where the processor has
    /// them, or "OpenBLAS".
    public let float32Products: String
    /// What computes products of bf16 factors: "AMX tiles", "AVX512_BF16 vectors", oneDNN's version, or "fp32" where they
    /// are computed from rounded factors.
    public let bfloat16Products: String
    /// The x86-64 level of our own loops.
    public let loops: String
    /// The processors that this process may run on.
    public let processors: Int

    /// The environment of this process.
    public static func current() -> NumericEnvironment {
        func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String {
            pointer.map { String(cString: $0) } ?? "unknown"
        }
        return NumericEnvironment(
            blas: text(openblas_get_config()), blasCore: text(openblas_get_corename()),
            float32Products: FactorForm.fastest(for: .float32).engineName,
            bfloat16Products: FactorForm.fastest(for: .bfloat16).engineName,
            loops: ck_cpu_level().map { String(cString: $0) } ?? "unknown", processors: Workers.processorCount)
    }
}
