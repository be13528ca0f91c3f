/// The type in which products with frozen weights take their factors; their sums are fp32 in any.
///
/// Softmax, norms, log-probabilities, the adapter and its optimiser are fp32 or better whatever this is.
public enum ComputeType: String, Sendable, Equatable, CaseIterable {
    /// fp32 factors: PyTorch's `float32_matmul_precision` "highest".
    case float32
    /// fp32 factors of which products may keep 16 bits, as two bf16 parts in three products, where that is faster: PyTorch's
    /// `float32_matmul_precision` "high". Elsewhere the same as `float32`.
    case float32High = "float32_high"
    /// Factors rounded to bf16.
    case bfloat16
}
