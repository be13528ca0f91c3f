public import Diagnostics
import Kernels

extension GGUFFile {
    /// Refuses a model with NaN or infinite weights, or quantised blocks whose scale or minimum is.
    ///
    /// Reads every value's exponent once, a few rows at a time, so it takes about as long as reading the file.
    /// Tensors of types that are not computed with are passed over.
    ///
    /// - Throws: `gguf.not_finite` with the tensor, its first bad row and the number of bad values or blocks.
    public func checkFinite() throws(Refusal) {
        for tensor in tensors {
            guard let type = tensor.elementType, tensor.byteCount > 0 else { continue }
            let rowByteCount = tensor.byteCount / tensor.rows
            let rowsAtOnce = max(1, (1 << 20) / rowByteCount)
            var bad = 0
            var firstBadRow: Int?
            for row in stride(from: 0, to: tensor.rows, by: rowsAtOnce) {
                let start = tensor.byteOffset + row * rowByteCount
                let end = tensor.byteOffset + min(tensor.rows, row + rowsAtOnce) * rowByteCount
                let found = Self.nonFinite(try file.bytes(in: start..<end), type)
                bad += found.count
                if firstBadRow == nil, let first = found.first { firstBadRow = row + first / rowByteCount }
            }
            guard let firstBadRow else { continue }
            throw Refusal(
                code: "gguf.not_finite", at: "\(path), tensor \(ShownText.quoted(tensor.name)), row \(firstBadRow)",
                "\(bad) \(type.blockSize == 1 ? "values" : "blocks") are NaN or infinite in this tensor",
                mend: "download the model again and compare its sha256 with the publisher's")
        }
    }

    /// How many values or blocks of whole rows are not finite, and the position of the first one's bytes.
    private static func nonFinite(_ bytes: [UInt8], _ type: ElementType) -> (count: Int, first: Int?) {
        // Where the half-words with the exponents stand in a block, and the exponents' bits in them.
        let (places, mask): ([Int], UInt16) =
            switch type {
            case .f32: ([2], 0x7F80)
            case .bf16: ([0], 0x7F80)
            case .f16, .q4_0, .q8_0: ([0], 0x7C00)
            case .q4_1: ([0, 2], 0x7C00)
            }
        var count = 0
        var first: Int?
        for block in stride(from: 0, to: bytes.count, by: type.bytesPerBlock) {
            var isBad = false
            for place in places {
                let half = UInt16(bytes[block + place]) | UInt16(bytes[block + place + 1]) << 8
                isBad = isBad || half & mask == mask
            }
            guard isBad else { continue }
            count += 1
            first = first ?? block
        }
        return (count, first)
    }
}
