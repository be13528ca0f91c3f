/// A growing set of byte strings, each with its token: open addressing over one shared block of bytes.
///
/// A dictionary keyed by arrays would own one heap object a token and need another to look up each word of a text.
struct ByteStringTable: Sendable {
    private var storage: [UInt8] = []
    private var starts: [Int] = [0]
    private var tokens: [TokenID] = []
    /// The number of a byte string, or -1 for a free slot; a power of two of them, at most half in use.
    private var slots: [Int32]

    /// Makes an empty table with room for `capacity` byte strings.
    init(capacity: Int) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = [Int32](repeating: -1, count: size)
    }

    /// FNV-1a over 64 bits, folded once so that the low bits depend on all of them.
    private static func hash(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in range { value = (value ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01B3 }
        return Int(truncatingIfNeeded: value ^ (value >> 29))
    }

    /// The slot of a byte string, or the free slot in which it belongs.
    private func slot(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
        let mask = slots.count - 1
        var slot = Self.hash(bytes, range) & mask
        probing: while slots[slot] >= 0 {
            let entry = Int(slots[slot])
            let start = starts[entry]
            if starts[entry + 1] - start == range.count {
                var offset = 0
                while offset < range.count {
                    guard storage[start + offset] == bytes[range.lowerBound + offset] else {
                        slot = (slot + 1) & mask
                        continue probing
                    }
                    offset += 1
                }
                return slot
            }
            slot = (slot + 1) & mask
        }
        return slot
    }

    /// The token of the byte string `bytes[range]`, or nil.
    func token(_ bytes: [UInt8], _ range: Range<Int>) -> TokenID? {
        let entry = slots[slot(bytes, range)]
        return entry < 0 ? nil : tokens[Int(entry)]
    }

    /// Adds the byte string `bytes[range]`.
    ///
    /// - Returns: false, with nothing changed, if the byte string was there already.
    mutating func insert(_ bytes: [UInt8], _ range: Range<Int>, token: TokenID) -> Bool {
        precondition(tokens.count * 2 < slots.count, "table of \(slots.count) slots is full at \(tokens.count)")
        let slot = slot(bytes, range)
        guard slots[slot] < 0 else { return false }
        slots[slot] = Int32(tokens.count)
        storage.append(contentsOf: bytes[range])
        starts.append(storage.count)
        tokens.append(token)
        return true
    }
}
