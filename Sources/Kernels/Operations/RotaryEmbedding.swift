internal import CKernels
internal import Synchronization

/// Rotary position embedding in Hugging Face's half-split form.
///
/// Su et al. 2021, arXiv 2104.09864, section 3.4.
public struct RotaryEmbedding: Sendable {
    /// The head dimension D, even and at most 1,024.
    public let headDimension: Int
    /// The angle per position of each of the D/2 pairs, radians: base^(−2i/D), rounded to fp32 as the peers hold them.
    let frequencies: [Double]
    /// Cosines and sines of the positions seen so far.
    private let angles: RotaryAngles

    /// The embedding of a head dimension and `rope_theta`.
    public init(headDimension: Int, base: Double) {
        precondition(
            headDimension > 0 && headDimension % 2 == 0 && headDimension <= 1024, "head dimension \(headDimension)")
        self.headDimension = headDimension
        frequencies = (0..<headDimension / 2).map {
            Double(Float(1 / power(base, Double(2 * $0) / Double(headDimension))))
        }
        angles = RotaryAngles()
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
        precondition(positions.allSatisfy { $0 >= 0 }, "a position below zero")
        let columns = x.columns
        let table = angles.table(count: Int(positions.max() ?? 0) + 1, frequencies: frequencies)
        positions.withUnsafeBufferPointer { positions in
            table.withUnsafeBufferPointer { table in
                guard let positions = positions.baseAddress, let table = table.baseAddress else { return }
                workers.forEachRange(x.rows, minimum: 32) { rows in
                    ck_rotary(
                        x.base + rows.lowerBound * columns, positions + rows.lowerBound, table, direction, rows.count,
                        columns / headDimension, headDimension, columns)
                }
            }
        }
    }
}

/// Cosines and sines by position, computed once; a model's layers and passes share them.
private final class RotaryAngles: Sendable {
    private let known = Mutex<[Float]>([])

    /// Of positions 0 to `count` - 1 at least: D/2 cosines and D/2 sines for each.
    func table(count: Int, frequencies: [Double]) -> [Float] {
        let width = 2 * frequencies.count
        return known.withLock { known in
            let present = known.count / width
            guard present < count else { return known }
            let wanted = max(count, 2 * present, 512)
            known += [Float](repeating: 0, count: (wanted - present) * width)
            known.withUnsafeMutableBufferPointer { table in
                guard let table = table.baseAddress else { return }
                ck_rotary_table(table, present, wanted, frequencies, frequencies.count)
            }
            return known
        }
    }
}
