internal import CKernels

/// How the factors of a product lie in memory.
enum FactorForm: Sendable, Equatable {
    /// fp32, as they are.
    case full
    /// Rounded to bf16, row after row.
    case rounded
    /// In the order of the processor's matrix tiles, each value the sum of so many bf16 parts.
    case tiled(parts: Int)

    /// Rows that are brought into this form at a time: a multiple of so many.
    var unit: Int {
        if case .tiled = self { return 32 }
        return 8
    }
}

/// A matrix as products take it: in fp32, rounded to bf16, or in tiles.
///
/// An activation is brought into the form once for all products that share it; a frozen weight is expanded into it.
public final class ProductMatrix {
    /// Which factor of which product the matrix is.
    public enum Role: Sendable, Equatable {
        /// What is multiplied with a weight, forward or back.
        case input
        /// The weight (outputs × inputs) of `project`.
        case weight
        /// The weight (outputs × inputs) of `projectBackward`.
        case weightBackward
    }

    let form: FactorForm
    /// The fp32 values: its own where a weight was expanded, another's where a matrix was taken.
    private(set) var full: Matrix
    private var role = Role.input
    private var halves: UnsafeMutablePointer<UInt16>
    private var capacity = 0
    private var halfShape = (rows: 0, columns: 0)
    /// The rows that were taken, and the sums of their blocks where somebody asked.
    private var source: (base: UnsafePointer<Float>, stride: Int)?
    private let sums = Matrix(rows: 0, columns: 0)
    private var hasSums = false
    private lazy var ownIntegers = IntegerFactor()
    private var holdsIntegers = false

    /// An empty matrix.
    init(_ form: FactorForm) {
        self.form = form
        full = Matrix(rows: 0, columns: 0)
        halves = Self.allocate(0)
    }

    deinit { halves.deallocate() }

    /// The number of rows.
    public var rows: Int { form == .full ? full.rows : halfShape.rows }
    /// The length of a row.
    public var columns: Int { form == .full ? full.columns : halfShape.columns }
    /// `rows x columns`, for messages.
    public var shape: String { "\(rows) x \(columns)" }

    /// Takes a matrix, as it is or in this form; it must not change while this is used.
    public func take(_ matrix: Matrix, as role: Role = .input, workers: Workers) {
        guard form != .full else {
            full = matrix
            return
        }
        take(matrix, as: role, workers: workers) { _ in }
    }

    /// Takes a matrix whose rows `compute` fills, each part of them while it is still in the core's own cache.
    func take(_ matrix: Matrix, as role: Role = .input, workers: Workers, compute: (_ rows: Range<Int>) -> Void) {
        guard form != .full else {
            full = matrix
            return workers.measure(.elementWise) {
                workers.forEachRange(matrix.rows, minimum: max(1, 8_192 / max(1, matrix.columns)), compute)
            }
        }
        take(
            matrix.base, stride: matrix.columns, rows: matrix.rows, columns: matrix.columns, as: role, workers: workers,
            compute: compute)
    }

    /// Takes rows that lie `stride` values apart, which `compute` fills before; not for fp32.
    func take(
        _ base: UnsafePointer<Float>, stride: Int, rows: Int, columns: Int, as role: Role = .input, workers: Workers,
        compute: (_ rows: Range<Int>) -> Void = { _ in }
    ) {
        reshape(rows: rows, columns: columns, as: role)
        source = (base, stride)
        workers.measure(.elementWise) {
            workers.forEachRange(rows, unit: form.unit, minimum: max(form.unit, 16_384 / max(1, columns))) {
                compute($0)
                fill($0, from: base + $0.lowerBound * stride, stride: stride)
            }
        }
    }

    /// Makes room; the values are then undefined.
    func reshape(rows: Int, columns: Int, as role: Role) {
        self.role = role
        (source, hasSums, holdsIntegers) = (nil, false, false)
        let count: Int
        switch form {
        case .full: return full.reshape(rows: rows, columns: columns)
        case .rounded: count = rows * columns
        case .tiled(let parts):
            count =
                role == .weightBackward
                ? ck_tiled_values(columns, rows, Int32(parts)) : ck_tiled_values(rows, columns, Int32(parts))
        }
        if count > capacity {
            halves.deallocate()
            capacity = count * (capacity > 0 ? 9 : 8) / 8
            halves = Self.allocate(capacity)
        }
        halfShape = (rows, columns)
    }

    /// Brings rows into this form: they begin and end at a multiple of its unit, or at the last row.
    func fill(_ range: Range<Int>, from base: UnsafePointer<Float>, stride: Int) {
        switch form {
        case .full:
            preconditionFailure("fp32 factors are used as they are")
        case .rounded:
            for row in 0..<range.count {
                ck_round_bf16(halves + (range.lowerBound + row) * columns, base + row * stride, columns)
            }
        case .tiled(let parts):
            let parts = Int32(parts)
            switch role {
            case .input:
                ck_tile_rows(tiles(fromRow: range.lowerBound), parts, base, stride, range.count, columns)
            case .weight:
                ck_tile_columns(tiles(fromRow: range.lowerBound), parts, base, stride, range.count, columns)
            case .weightBackward:
                ck_tile_stored(halves, parts, base, stride, range.count, columns, range.lowerBound, rows)
            }
        }
    }

    /// Takes rows of a weight as the integers that the file has, for `project`.
    func takeIntegers(_ weight: FrozenWeight, rows: Range<Int>, adding change: LowRankFactors?, workers: Workers) {
        role = .weight
        halfShape = (rows.count, weight.columns)
        (source, hasSums, holdsIntegers) = (nil, false, true)
        ownIntegers.take(weight, rows: rows, adding: change, workers: workers)
    }

    /// The weight's integers, where it was taken as these.
    var integers: IntegerFactor? { holdsIntegers ? ownIntegers : nil }

    /// The fp32 rows that were taken.
    var taken: (base: UnsafePointer<Float>, stride: Int) {
        guard let source else { preconditionFailure("no rows were taken") }
        return source
    }

    /// The sum of each block of 32 values of the rows that were taken (rows × columns / 32).
    func blockSums(_ workers: Workers) -> Matrix {
        guard !hasSums else { return sums }
        hasSums = true
        let (rows, blocks, taken) = (rows, columns / ElementType.quantisedBlock, taken)
        sums.reshape(rows: rows, columns: blocks)
        workers.measure(.elementWise) {
            workers.forEachRange(rows, minimum: max(1, 16_384 / max(1, columns))) {
                for row in $0 { ck_block_sums(sums.base + row * blocks, taken.base + row * taken.stride, blocks) }
            }
        }
        return sums
    }

    /// The bf16 values, where these are they.
    var bfloat16: UnsafeMutablePointer<UInt16> { halves }

    /// The tiles from a row on (of what `projectBackward` gives, a column), a multiple of 32.
    func tiles(fromRow row: Int) -> UnsafeMutablePointer<UInt16> {
        guard case .tiled(let parts) = form else { preconditionFailure("no tiles") }
        return halves + ck_tiled_values(row, role == .weightBackward ? rows : columns, Int32(parts))
    }

    private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<UInt16> {
        UnsafeMutableRawPointer.allocate(byteCount: max(2 * capacity, 64), alignment: 64).bindMemory(
            to: UInt16.self, capacity: max(capacity, 32))
    }
}
