internal import CKernels

/// A matrix as products take it: in fp32, or rounded to bf16.
///
/// An activation is rounded once for all products that share it; a frozen weight is expanded into one.
public final class ProductMatrix {
    /// The type of the values.
    public let type: ComputeType
    /// The fp32 values: its own where a weight was expanded, another's where a matrix was taken.
    private(set) var full: Matrix
    private var halves: UnsafeMutablePointer<UInt16>
    private var capacity = 0
    private var halfShape = (rows: 0, columns: 0)

    /// An empty matrix.
    public init(_ type: ComputeType) {
        self.type = type
        full = Matrix(rows: 0, columns: 0)
        halves = Self.allocate(0)
    }

    deinit { halves.deallocate() }

    /// The number of rows.
    public var rows: Int { type == .float32 ? full.rows : halfShape.rows }
    /// The length of a row.
    public var columns: Int { type == .float32 ? full.columns : halfShape.columns }
    /// `rows x columns`, for messages.
    public var shape: String { "\(rows) x \(columns)" }
    /// The values, as fp32 (a copy).
    public var values: [Float] {
        guard type == .bfloat16 else { return full.values }
        return (0..<rows * columns).map { Float(bitPattern: UInt32(halves[$0]) << 16) }
    }

    /// Takes a matrix: as it is (it must then not change while this is used), or as a rounded copy.
    public func take(_ matrix: Matrix, workers: Workers) {
        guard type == .bfloat16 else {
            full = matrix
            return
        }
        reshape(rows: matrix.rows, columns: matrix.columns)
        workers.measure(.elementWise) {
            workers.forEachRange(matrix.count, unit: 32, minimum: 16_384) {
                ck_round_bf16(halves + $0.lowerBound, matrix.base + $0.lowerBound, $0.count)
            }
        }
    }

    /// Makes room; the values are then undefined.
    func reshape(rows: Int, columns: Int) {
        guard type == .bfloat16 else { return full.reshape(rows: rows, columns: columns) }
        if rows * columns > capacity {
            halves.deallocate()
            capacity = rows * columns * (capacity > 0 ? 9 : 8) / 8
            halves = Self.allocate(capacity)
        }
        halfShape = (rows, columns)
    }

    /// The bf16 values, where these are they.
    var bfloat16: UnsafeMutablePointer<UInt16> { halves }

    private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<UInt16> {
        UnsafeMutableRawPointer.allocate(byteCount: max(2 * capacity, 64), alignment: 64).bindMemory(
            to: UInt16.self, capacity: max(capacity, 32))
    }
}
