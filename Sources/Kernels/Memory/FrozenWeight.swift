internal import CKernels

/// An immutable weight, `rows` outputs × `columns` inputs, in a mapped model file, in whatever type the file has it.
///
/// It stays in its quantised blocks; operations expand as many rows as they need into scratch memory.
public struct FrozenWeight: Sendable {
    /// How the file orders the rows of a projection that rotary embedding follows.
    public enum RowOrder: Sendable, Equatable {
        /// As Hugging Face orders them: within a head, the first half's row i pairs with the second half's row i.
        case halves
        /// As GGUF's `llama` architecture orders them: the pair's rows lie next to each other.
        case interleaved(headDimension: Int)
    }

    /// The number of outputs.
    public let rows: Int
    /// The number of inputs.
    public let columns: Int
    /// How the values are stored.
    public let elementType: ElementType
    /// How the file orders the rows; reading gives Hugging Face's order in either case.
    public let rowOrder: RowOrder
    let file: MappedFile
    let byteOffset: Int
    let bytesPerRow: Int

    /// A weight at `byteOffset` of a mapped file.
    ///
    /// Traps when a row is not a whole number of blocks or the range leaves the file: the reader of the file has
    /// checked both before.
    public init(
        file: MappedFile, byteOffset: Int, elementType: ElementType, rows: Int, columns: Int,
        rowOrder: RowOrder = .halves
    ) {
        guard let bytesPerRow = elementType.byteCount(elements: columns) else {
            preconditionFailure("a row of \(columns) values is not a whole number of \(elementType.name) blocks")
        }
        precondition(
            byteOffset >= 0 && rows >= 0 && byteOffset + rows * bytesPerRow <= file.byteCount,
            "\(rows) rows of \(bytesPerRow) bytes at \(byteOffset) in a file of \(file.byteCount) bytes")
        if case .interleaved(let dimension) = rowOrder {
            precondition(
                dimension > 0 && dimension % 2 == 0 && rows % dimension == 0, "\(rows) rows in heads of \(dimension)")
        }
        self.file = file
        self.byteOffset = byteOffset
        self.elementType = elementType
        self.rows = rows
        self.columns = columns
        self.rowOrder = rowOrder
        self.bytesPerRow = bytesPerRow
    }

    /// The bytes that the weight takes in the file.
    public var byteCount: Int { rows * bytesPerRow }

    /// One row, expanded (a copy).
    public func row(_ index: Int) -> [Float] {
        precondition(index >= 0 && index < rows, "row \(index) of \(rows)")
        return [Float](unsafeUninitializedCapacity: columns) { buffer, count in
            if let base = buffer.baseAddress { decode(rows: index..<(index + 1), into: base) }
            count = columns
        }
    }

    /// Expands rows, in Hugging Face's order, one after the other into `target`.
    func decode(rows range: Range<Int>, into target: UnsafeMutablePointer<Float>) {
        guard case .interleaved = rowOrder else {
            return decodeStored(row: range.lowerBound, count: range.count, into: target)
        }
        for (index, row) in range.enumerated() {
            decodeStored(row: storedRow(row), count: 1, into: target + index * columns)
        }
    }

    /// Lays a row's integers in the tiles of the 32 outputs of which it is one, and its scales beside theirs.
    ///
    /// - Parameters:
    ///   - row: the output, in Hugging Face's order; the weight must be of a quantised type.
    ///   - column: which of the 32 it is.
    ///   - tiles: those of the 32 outputs; to be turned when all rows are there.
    ///   - scales: those of the 32 outputs.
    ///   - offsets: what is to be added to each block's values, where the type has that.
    ///   - stride: how far apart the offsets lie.
    func layIntegers(
        ofRow row: Int, as column: Int, in tiles: UnsafeMutablePointer<UInt16>, scales: UnsafeMutablePointer<Float>,
        offsets: UnsafeMutablePointer<Float>, stride: Int
    ) {
        let (source, blocks) = (bytes(ofStoredRow: storedRow(row)), columns / ElementType.quantisedBlock)
        switch elementType {
        case .q8_0: ck_lay_q8_0(tiles, scales, column, source, blocks)
        case .q4_0: ck_lay_q4_0(tiles, scales, column, source, blocks)
        case .q4_1: ck_lay_q4_1(tiles, scales, offsets, stride, column, source, blocks)
        case .f32, .f16, .bf16: preconditionFailure("\(elementType.name) has no integers")
        }
    }

    private func storedRow(_ row: Int) -> Int {
        guard case .interleaved(let dimension) = rowOrder else { return row }
        return Self.storedRow(row, headDimension: dimension)
    }

    private func bytes(ofStoredRow row: Int) -> UnsafePointer<UInt8> {
        (file.base + byteOffset + row * bytesPerRow).assumingMemoryBound(to: UInt8.self)
    }

    /// Where GGUF's `llama` converter puts a row: head h, half j, index i goes to h, i, j.
    static func storedRow(_ row: Int, headDimension: Int) -> Int {
        let head = row / headDimension
        let within = row % headDimension
        let half = within / (headDimension / 2)
        let index = within % (headDimension / 2)
        return head * headDimension + 2 * index + half
    }

    private func decodeStored(row: Int, count: Int, into target: UnsafeMutablePointer<Float>) {
        let source = bytes(ofStoredRow: row)
        let values = count * columns
        switch elementType {
        case .f32: UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: values * 4)
        case .f16: ck_decode_f16(target, source, values)
        case .bf16: ck_decode_bf16(target, source, values)
        case .q8_0: ck_decode_q8_0(target, source, values / 32)
        case .q4_0: ck_decode_q4_0(target, source, values / 32)
        case .q4_1: ck_decode_q4_1(target, source, values / 32)
        }
    }
}
