internal import CKernels

/// A weight that the file has as small integers with scales, as products on matrix tiles take it without expanding it.
///
/// The integers are bf16 values as they are. What else the weight consists of is a factor of its own, much narrower: a
/// block's offset goes with the sum of the block's inputs, and an adapter's change with x · Aᵀ.
final class IntegerFactor {
    /// The form in which the other factor must be: fp32's precision.
    static let form = FactorForm.tiled(parts: 3)

    /// The low-rank change that belongs to the weight, or nil.
    private(set) var change: LowRankFactors?
    /// How many rows of `beside` are blocks' offsets; the others are scale · Bᵀ.
    private(set) var offsetRows = 0
    /// What is multiplied beside the integers, a row for each of its inputs: (offsets and rank × outputs).
    let beside = Matrix(rows: 0, columns: 0)
    private var integers = UnsafeMutablePointer<UInt16>.allocate(capacity: 1)
    private var scaleValues = UnsafeMutablePointer<Float>.allocate(capacity: 1)
    private var capacity = 0
    private var columns = 0

    deinit {
        integers.deallocate()
        scaleValues.deallocate()
    }

    /// Whether a weight has integers to take.
    static func fits(_ weight: FrozenWeight) -> Bool { weight.elementType.blockSize == ElementType.quantisedBlock }

    /// Takes rows of a weight, and what is to be added to it.
    func take(_ weight: FrozenWeight, rows: Range<Int>, adding change: LowRankFactors?, workers: Workers) {
        columns = weight.columns
        offsetRows = weight.elementType == .q4_1 ? columns / ElementType.quantisedBlock : 0
        self.change = change
        reserve(ck_tiled_values(rows.count, columns, 1))
        beside.reshape(rows: offsetRows + (change?.rank ?? 0), columns: rows.count)
        workers.forEachRange(rows.count, unit: Self.form.unit, minimum: Self.form.unit) { own in
            for first in stride(from: own.lowerBound, to: own.upperBound, by: Self.form.unit) {
                lay(weight, from: rows.lowerBound, first..<min(first + Self.form.unit, own.upperBound))
            }
            guard let change else { return }
            ck_transpose(
                beside.base + offsetRows * rows.count + own.lowerBound, rows.count,
                change.b.base + (rows.lowerBound + own.lowerBound) * change.rank, change.rank, own.count, change.rank,
                change.scale)
        }
    }

    /// The integers from an output on, a multiple of 32.
    func tiles(fromRow row: Int) -> UnsafeMutablePointer<UInt16> { integers + ck_tiled_values(row, columns, 1) }

    /// The scales from an output on, a multiple of 32.
    func scales(fromRow row: Int) -> UnsafeMutablePointer<Float> { scaleValues + ck_scale_values(row, columns) }

    /// Lays the outputs that share tiles: 32 of them, or the last ones.
    private func lay(_ weight: FrozenWeight, from start: Int, _ outputs: Range<Int>) {
        let (target, scales) = (tiles(fromRow: outputs.lowerBound), scales(fromRow: outputs.lowerBound))
        if outputs.count < Self.form.unit {
            target.update(repeating: 0, count: ck_tiled_values(outputs.count, columns, 1))
            scales.update(repeating: 0, count: ck_scale_values(outputs.count, columns))
        }
        for output in outputs {
            weight.layIntegers(
                ofRow: start + output, as: output - outputs.lowerBound, in: target, scales: scales,
                offsets: beside.base + output, stride: beside.columns)
        }
        ck_turn_tiles(target, 2 * columns / ElementType.quantisedBlock)
    }

    private func reserve(_ count: Int) {
        guard count > capacity else { return }
        integers.deallocate()
        scaleValues.deallocate()
        capacity = count
        func room(_ bytes: Int) -> UnsafeMutableRawPointer { .allocate(byteCount: bytes, alignment: 64) }
        integers = room(2 * count).bindMemory(to: UInt16.self, capacity: count)
        let blocks = count / ElementType.quantisedBlock
        scaleValues = room(4 * blocks).bindMemory(to: Float.self, capacity: blocks)
    }
}
