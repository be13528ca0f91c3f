internal import CKernels
internal import COpenBLAS
internal import Glibc

/// Which kernels OpenBLAS picked for the processor.
public enum BLASCore {
    private static let variable = "OPENBLAS_CORETYPE"
    /// The cores whose kernels use AVX2 or more.
    private static let wide = [
        "Haswell", "Zen", "Excavator", "Steamroller", "SkylakeX", "Cooperlake", "SapphireRapids",
    ]

    /// Starts the program again with better kernels where OpenBLAS did not know the processor.
    ///
    /// An OpenBLAS older than the processor falls back to kernels of 2004 (Debian 12's 0.3.21 on Emerald Rapids: 25
    /// GFLOP/s a core instead of 150). Its own variable, which it reads as it is loaded, names the kernels; a value that
    /// the user has set is left as it is. To be called first of all, before anything was read or written.
    public static func correctForProcessor() {
        guard getenv(variable) == nil,
            let better = better(than: name, level: ck_cpu_level().map { String(cString: $0) } ?? "")
        else { return }
        _ = ck_restart_with(variable, better)
    }

    private static var name: String { openblas_get_corename().map { String(cString: $0) } ?? "" }

    /// The core to name instead, or nil when the one picked is wide enough for an x86-64 level.
    static func better(than core: String, level: String) -> String? {
        guard !wide.contains(where: { $0.lowercased() == core.lowercased() }) else { return nil }
        return switch level {
        case "x86-64-v4": "SkylakeX"
        case "x86-64-v3": "Haswell"
        default: nil
        }
    }
}
