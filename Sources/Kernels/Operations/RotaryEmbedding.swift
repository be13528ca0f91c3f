internal import CKernels

/// Rotary position embedding in Hugging Face's half-split form.
///
/// Su et al. 2021, arXiv 2104.09864, section 3.4.
public struct RotaryEmbedding: Sendable {
    /// The head dimension D, even and at most 1,024.
    public let headDimension: Int
    /// The angle per position of each of the D/2 pairs, radians: base^(−2i/D), rounded to fp32 as the peers hold them.
    let frequencies: [Double]

    /// The embedding of a head dimension and `rope_theta`.
    public init(headDimension: Int, base: Double) {
        precondition(
            headDimension > 0 && headDimension % 2 == 0 && headDimension <= 1024, "head dimension \(headDimension)")
        self.headDimension = headDimension
        frequencies = (0..<headDimension / 2).map {
            Double(Float(1 / power(base, Double(2 * $0) / Double(headDimension))))
        }
    }

    /// Rotates every head of every row of x (T × heads·D) in place by the row's position.
    public func rotate(_ x: Matrix, positions: [Int32], workers: Workers) {
        workers.measure(.elementWise) { apply(to: x, positions: positions, direction: 1, workers: workers) }
    }

    /// Turns the gradient of the rotated rows into that of the rows before: the rotation undone, in place.
    public func rotateBackward(_ dx: Matrix, positions: [Int32], workers: Workers) {
        workers.measure(.elementWise) { apply(to: dx, positions: positions, direction: -1, workers: workers) }
    }

    private func apply(to x: Matrix, positions: [Int32], direction: Float, workers: Workers) {
        precondition(
            positions.count == x.rows && x.columns % headDimension == 0, "\(positions.count) positions for \(x.shape)")
        let columns = x.columns
        positions.withUnsafeBufferPointer { positions in
            frequencies.withUnsafeBufferPointer { frequencies in
                guard let positions = positions.baseAddress, let frequencies = frequencies.baseAddress else { return }
                workers.forEachRange(x.rows, minimum: 32) { rows in
                    ck_rotary(
                        x.base + rows.lowerBound * columns, positions + rows.lowerBound, frequencies, direction,
                        rows.count, columns / headDimension, headDimension, columns)
                }
            }
        }
    }
}
