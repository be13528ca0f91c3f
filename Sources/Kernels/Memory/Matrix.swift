internal import CKernels

/// A row-major block of fp32 numbers, `rows` × `columns`, 64-byte aligned, with one owner.
///
/// A matrix may be resized downwards and up again within its capacity without touching memory, so that one working
/// set serves batches of different lengths. It is not `Sendable`: a model, its scratch memory and its trainer belong
/// to one owner, and only the operations of this module split work over threads.
public final class Matrix {
    /// The number of rows now in use.
    public private(set) var rows: Int
    /// The length of a row.
    public private(set) var columns: Int
    /// How many values the block can hold.
    private(set) var capacity: Int
    /// The first value; only this module touches it.
    private(set) var base: UnsafeMutablePointer<Float>

    /// A matrix of zeros.
    public init(rows: Int, columns: Int) {
        precondition(rows >= 0 && columns >= 0, "a matrix of \(rows) x \(columns)")
        self.rows = rows
        self.columns = columns
        capacity = rows * columns
        base = Self.allocate(capacity)
        base.initialize(repeating: 0, count: capacity)
    }

    /// A matrix with the given row-major values; traps unless there are `rows * columns` of them.
    public convenience init(rows: Int, columns: Int, values: [Float]) {
        precondition(values.count == rows * columns, "\(values.count) values for \(rows) x \(columns)")
        self.init(rows: rows, columns: columns)
        values.withUnsafeBufferPointer { if let source = $0.baseAddress { base.update(from: source, count: $0.count) } }
    }

    deinit { base.deallocate() }

    /// The number of values in use.
    public var count: Int { rows * columns }
    /// The bytes that the block occupies.
    public var byteCount: Int { capacity * MemoryLayout<Float>.stride }

    /// All values in use, row after row (a copy).
    public var values: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }

    /// One row (a copy).
    public func row(_ index: Int) -> [Float] {
        precondition(index >= 0 && index < rows, "row \(index) of \(rows)")
        return Array(UnsafeBufferPointer(start: base + index * columns, count: columns))
    }

    /// One value; bounds-checked, so not for loops that matter.
    public subscript(row: Int, column: Int) -> Float {
        get {
            precondition(
                row >= 0 && row < rows && column >= 0 && column < columns, "[\(row), \(column)] of \(rows) x \(columns)"
            )
            return base[row * columns + column]
        }
        set {
            precondition(
                row >= 0 && row < rows && column >= 0 && column < columns, "[\(row), \(column)] of \(rows) x \(columns)"
            )
            base[row * columns + column] = newValue
        }
    }

    /// Sets the number of rows in use; grows the block only when it must.
    ///
    /// The contents are then undefined.
    public func resize(rows newRows: Int) { reshape(rows: newRows, columns: columns) }

    /// Sets both sides; grows the block only when it must.
    ///
    /// The contents are then undefined.
    public func reshape(rows newRows: Int, columns newColumns: Int) {
        precondition(newRows >= 0 && newColumns >= 0, "a matrix of \(newRows) x \(newColumns)")
        if newRows * newColumns > capacity {
            base.deallocate()
            // A block that grows once will grow again, by a little, with the next longer batch: leave it an eighth.
            capacity = newRows * newColumns * (capacity > 0 ? 9 : 8) / 8
            base = Self.allocate(capacity)
        }
        rows = newRows
        columns = newColumns
    }

    /// Sets every value in use to zero.
    public func clear() { base.update(repeating: 0, count: count) }

    /// Copies another matrix of the same shape.
    public func copy(from other: Matrix) {
        precondition(other.rows == rows && other.columns == columns, "copy of \(other.shape) into \(shape)")
        base.update(from: other.base, count: count)
    }

    /// Copies another matrix of the same shape on several threads.
    public func copy(from other: Matrix, workers: Workers) {
        precondition(other.rows == rows && other.columns == columns, "copy of \(other.shape) into \(shape)")
        workers.forEachRange(count, unit: 16, minimum: 16_384) {
            (base + $0.lowerBound).update(from: other.base + $0.lowerBound, count: $0.count)
        }
    }

    /// Replaces all values; traps unless there are as many as are in use.
    public func assign(_ values: [Float]) {
        precondition(values.count == count, "\(values.count) values for \(shape)")
        values.withUnsafeBufferPointer { if let source = $0.baseAddress { base.update(from: source, count: $0.count) } }
    }

    /// `rows x columns`, for messages.
    public var shape: String { "\(rows) x \(columns)" }

    /// The sum of the squares of all values, in fp64.
    public var sumOfSquares: Double { ck_sum_of_squares(base, count) }

    /// How many values are NaN or infinite.
    public var nonFiniteCount: Int { ck_count_nonfinite(base, count) }

    private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<Float> {
        let bytes = max(capacity, 1) * MemoryLayout<Float>.stride
        return UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64).bindMemory(
            to: Float.self, capacity: max(capacity, 1))
    }
}
