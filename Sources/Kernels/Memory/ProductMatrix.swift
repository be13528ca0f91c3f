internal import CKernels

/// How the factors of a product lie in memory.
enum FactorForm: Sendable, Equatable {
    /// fp32, as they are.
    case full
    /// fp32, what is multiplied as it is and a weight in panels of 32 columns.
    case panels
    /// Rounded to bf16, row after row.
    case rounded
    /// In the order of the processor's matrix tiles, each value the sum of so many bf16 parts.
    case tiled(parts: Int)

    /// Rows that are brought into this form at a time: a multiple of so many.
    var unit: Int {
        switch self {
        case .full, .rounded: 8
        case .panels, .tiled: 32
        }
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
    /// The values in this form, and how many bytes there is room for.
    private var storage: UnsafeMutableRawPointer
    private var capacity = 0
    private var formShape = (rows: 0, columns: 0)
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
        storage = Self.allocate(0)
    }

    deinit { storage.deallocate() }

    /// The number of rows.
    public var rows: Int { form == .full ? full.rows : formShape.rows }
    /// The length of a row.
    public var columns: Int { form == .full ? full.columns : formShape.columns }
    /// `rows x columns`, for messages.
    public var shape: String { "\(rows) x \(columns)" }

    /// Takes a matrix, as it is or in this form; it must not change while this is used.
    public func take(_ matrix: Matrix, as role: Role = .input, workers: Workers) {
        guard !isAsItLies(role) else { return lie(matrix) }
        take(matrix, as: role, workers: workers) { _ in }
    }

    /// Takes a matrix whose rows `compute` fills, each part of them while it is still in the core's own cache.
    func take(_ matrix: Matrix, as role: Role = .input, workers: Workers, compute: (_ rows: Range<Int>) -> Void) {
        guard !isAsItLies(role) else {
            lie(matrix)
            return workers.measure(.elementWise) {
                workers.forEachRange(matrix.rows, minimum: max(1, 8_192 / max(1, matrix.columns)), compute)
            }
        }
        take(
            matrix.base, stride: matrix.columns, rows: matrix.rows, columns: matrix.columns, as: role, workers: workers,
            compute: compute)
    }

    /// Whether a factor of this form is used as it lies.
    private func isAsItLies(_ role: Role) -> Bool { form == .full || (form == .panels && role == .input) }

    private func lie(_ matrix: Matrix) {
        full = matrix
        role = .input
        formShape = (matrix.rows, matrix.columns)
        source = (UnsafePointer(matrix.base), matrix.columns)
    }

    /// Takes rows that lie `stride` values apart, which `compute` fills before; not for fp32 as it is.
    func take(
        _ base: UnsafePointer<Float>, stride: Int, rows: Int, columns: Int, as role: Role = .input, workers: Workers,
        compute: (_ rows: Range<Int>) -> Void = { _ in }
    ) {
        reshape(rows: rows, columns: columns, as: role)
        source = (base, stride)
        guard !isAsItLies(role) else { return compute(0..<rows) }
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
        let bytes: Int
        switch form {
        case .full: return full.reshape(rows: rows, columns: columns)
        case .panels:
            let (n, k) = role == .weightBackward ? (columns, rows) : (rows, columns)
            bytes = isAsItLies(role) ? 0 : ck_panel_values(n, k) * MemoryLayout<Float>.stride
        case .rounded: bytes = rows * columns * MemoryLayout<UInt16>.stride
        case .tiled(let parts):
            let (n, k) = role == .weightBackward ? (columns, rows) : (rows, columns)
            bytes = ck_tiled_values(n, k, Int32(parts)) * MemoryLayout<UInt16>.stride
        }
        if bytes > capacity {
            storage.deallocate()
            capacity = capacity > 0 ? bytes / 8 * 9 + 64 : bytes
            storage = Self.allocate(capacity)
        }
        formShape = (rows, columns)
    }

    /// Brings rows into this form: they begin and end at a multiple of its unit, or at the last row.
    func fill(_ range: Range<Int>, from base: UnsafePointer<Float>, stride: Int) {
        switch form {
        case .full:
            preconditionFailure("fp32 factors are used as they are")
        case .panels:
            switch role {
            case .input: return
            case .weight: ck_panel_columns(panels(fromColumn: range.lowerBound), base, stride, range.count, columns)
            case .weightBackward:
                ck_panel_stored(panels(fromColumn: 0), base, stride, range.count, columns, range.lowerBound, rows)
            }
        case .rounded:
            for row in 0..<range.count {
                ck_round_bf16(bfloat16 + (range.lowerBound + row) * columns, base + row * stride, columns)
            }
        case .tiled(let parts):
            let parts = Int32(parts)
            switch role {
            case .input:
                ck_tile_rows(tiles(fromRow: range.lowerBound), parts, base, stride, range.count, columns)
            case .weight:
                ck_tile_columns(tiles(fromRow: range.lowerBound), parts, base, stride, range.count, columns)
            case .weightBackward:
                ck_tile_stored(bfloat16, parts, base, stride, range.count, columns, range.lowerBound, rows)
            }
        }
    }

    /// Takes rows of a weight as the integers that the file has, for `project`.
    func takeIntegers(_ weight: FrozenWeight, rows: Range<Int>, adding change: LowRankFactors?, workers: Workers) {
        role = .weight
        formShape = (rows.count, weight.columns)
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
    var bfloat16: UnsafeMutablePointer<UInt16> { storage.assumingMemoryBound(to: UInt16.self) }

    /// A weight's panels from a column on (of what `project` gives, a row of the weight), a multiple of 32.
    func panels(fromColumn column: Int) -> UnsafeMutablePointer<Float> {
        storage.assumingMemoryBound(to: Float.self) + ck_panel_values(column, role == .weightBackward ? rows : columns)
    }

    /// The tiles from a row on (of what `projectBackward` gives, a column), a multiple of 32.
    func tiles(fromRow row: Int) -> UnsafeMutablePointer<UInt16> {
        guard case .tiled(let parts) = form else { preconditionFailure("no tiles") }
        return bfloat16 + ck_tiled_values(row, role == .weightBackward ? rows : columns, Int32(parts))
    }

    private static func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
        .allocate(byteCount: max(bytes, 64), alignment: 64)
    }
}
