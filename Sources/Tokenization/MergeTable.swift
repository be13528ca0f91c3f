/// Which pairs of tokens merge, how urgently, and into which token: open addressing on the pair.
struct MergeTable: Sendable {
    /// What a pair of neighbours becomes.
    struct Merge: Equatable {
        /// The merge's place in the vocabulary's list; the lowest rank merges first.
        let rank: UInt32
        /// The token that replaces both.
        let token: TokenID
    }

    private static let free = UInt64.max
    /// Key and value alternate: left id and right id, then rank and new id, 32 bits each.
    private var slots: [UInt64]
    private let shift: UInt64
    private var count = 0

    /// Makes an empty table with room for `capacity` merges.
    init(capacity: Int) {
        var bits: UInt64 = 4
        while 1 << bits < capacity * 2 { bits += 1 }
        shift = 64 - bits
        slots = [UInt64](repeating: Self.free, count: 2 << bits)
    }

    private static func key(_ left: TokenID, _ right: TokenID) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    /// The place of a pair's key, or the free place in which it belongs.
    private func place(_ key: UInt64) -> Int {
        var place = Int((key &* 0x9E37_79B9_7F4A_7C15) >> shift) * 2
        while slots[place] != key, slots[place] != Self.free { place = (place + 2) & (slots.count - 1) }
        return place
    }

    /// What two neighbours become, or nil if they stay apart.
    func merge(_ left: TokenID, _ right: TokenID) -> Merge? {
        let place = place(Self.key(left, right))
        guard slots[place] != Self.free else { return nil }
        let value = slots[place + 1]
        return Merge(rank: UInt32(value >> 32), token: TokenID(truncatingIfNeeded: value))
    }

    /// Adds a merge.
    ///
    /// - Returns: false, with nothing changed, if the pair had one already.
    mutating func insert(_ left: TokenID, _ right: TokenID, rank: UInt32, token: TokenID) -> Bool {
        precondition(count * 4 < slots.count, "table of \(slots.count / 2) merges is full at \(count)")
        let key = Self.key(left, right)
        let place = place(key)
        guard slots[place] == Self.free else { return false }
        slots[place] = key
        slots[place + 1] = UInt64(rank) << 32 | UInt64(UInt32(bitPattern: token))
        count += 1
        return true
    }
}
