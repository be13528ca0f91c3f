/// Byte-pair encoding of one word: the most urgent merge first, the leftmost of equally urgent ones.
///
/// Sennrich, Haddow and Birch 2016, algorithm 1, with the merges' order in the vocabulary as their urgency.
/// The symbols are a linked list in arrays and the possible merges a binary heap, so that a word of n bytes takes
/// O(n log n). The arrays are kept from word to word.
struct BytePairEncoding {
    private let merges: MergeTable
    private var symbols: [TokenID] = []
    private var next: [Int32] = []
    private var previous: [Int32] = []
    /// The rank of the merge of a symbol with its next one, or `noMerge`; what the heap says besides is out of date.
    private var ranks: [UInt32] = []
    /// What a symbol and its next one become.
    private var results: [TokenID] = []
    /// Rank in the upper half, place of the left symbol in the lower one; the smallest first.
    private var heap: [UInt64] = []

    private static let noMerge = UInt32.max

    /// Makes the encoder of a vocabulary's merges.
    init(merges: MergeTable) {
        self.merges = merges
    }

    /// Appends the tokens of one word.
    ///
    /// - Parameters:
    ///   - bytes: the text.
    ///   - range: the word within it.
    ///   - byteTokens: the token of each byte; bytes with -1 have none and are left out.
    ///   - tokens: gets the word's tokens.
    mutating func encode(
        _ bytes: [UInt8], _ range: Range<Int>, byteTokens: [TokenID], into tokens: inout [TokenID]
    ) {
        precondition(range.count < Int(Int32.max), "word of \(range.count) bytes; at most \(Int32.max - 1)")
        symbols.removeAll(keepingCapacity: true)
        for index in range where byteTokens[Int(bytes[index])] >= 0 { symbols.append(byteTokens[Int(bytes[index])]) }
        let count = symbols.count
        guard count > 1 else { return tokens.append(contentsOf: symbols) }
        link(count)
        for place in 0..<(count - 1) { consider(place) }
        while let entry = popSmallest() {
            let place = Int(entry & 0xFFFF_FFFF)
            if ranks[place] == UInt32(entry >> 32) { mergeWithNext(place) }
        }
        var place = 0
        while place >= 0 {
            tokens.append(symbols[place])
            place = Int(next[place])
        }
    }

    /// Chains the first `count` symbols.
    private mutating func link(_ count: Int) {
        heap.removeAll(keepingCapacity: true)
        next.removeAll(keepingCapacity: true)
        previous.removeAll(keepingCapacity: true)
        ranks.removeAll(keepingCapacity: true)
        results.removeAll(keepingCapacity: true)
        for place in 0..<count {
            next.append(place + 1 < count ? Int32(place + 1) : -1)
            previous.append(Int32(place - 1))
            ranks.append(Self.noMerge)
            results.append(-1)
        }
    }

    /// Notes the merge of a symbol with its next one, if there is one.
    private mutating func consider(_ place: Int) {
        let right = Int(next[place])
        guard right >= 0, let merge = merges.merge(symbols[place], symbols[right]) else {
            ranks[place] = Self.noMerge
            return
        }
        ranks[place] = merge.rank
        results[place] = merge.token
        push(UInt64(merge.rank) << 32 | UInt64(place))
    }

    /// Puts the merged symbol in the place of the left one and takes the right one out of the list.
    private mutating func mergeWithNext(_ place: Int) {
        let right = Int(next[place])
        symbols[place] = results[place]
        ranks[right] = Self.noMerge
        next[place] = next[right]
        if next[place] >= 0 { previous[Int(next[place])] = Int32(place) }
        consider(place)
        if previous[place] >= 0 { consider(Int(previous[place])) }
    }

    private mutating func push(_ entry: UInt64) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child] < heap[parent] else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func popSmallest() -> UInt64? {
        guard let smallest = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return smallest }
        heap[0] = last
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { return smallest }
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            guard heap[child] < heap[parent] else { return smallest }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}
