/// The type in which products with frozen weights take their factors; their sums are fp32 in either.
///
/// Softmax, norms, log-probabilities, the adapter and its optimiser are fp32 or better whatever this is.
public enum ComputeType: String, Sendable, Equatable, CaseIterable {
    /// fp32 factors, through OpenBLAS.
    case float32
    /// Factors rounded to bf16, through oneDNN where it and the processor have such products.
    case bfloat16
}
