import Testing

@testable import Alignment

@Suite("How a batch is split into passes")
struct PassSplitTests {
    @Test("as few passes as there can be, within the limit, and none larger than need be")
    func split() {
        var state: UInt64 = 5
        for limit in [10, 100, 1000] {
            for count in 1...40 {
                let sizes = (0..<count).map { _ in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return 1 + Int(state >> 40) % 120
                }
                let ranges = BatchEvaluator.split(sizes, limit: limit)
                #expect(ranges.flatMap { Array($0) } == Array(sizes.indices))
                let sums = ranges.map { sizes[$0].reduce(0, +) }
                for (range, sum) in zip(ranges, sums) { #expect(sum <= limit || range.count == 1) }
                // Filling each pass before the next is begun takes the fewest, but its first are full and its last is not.
                let filled = Self.filled(sizes, limit: limit)
                #expect(ranges.count == filled.count)
                #expect((sums.max() ?? 0) <= (filled.max() ?? 0))
            }
        }
        #expect(BatchEvaluator.split([270, 270, 270, 270, 270, 270, 270, 270], limit: 1475) == [0..<4, 4..<8])
        #expect(BatchEvaluator.split([5, 5], limit: -3) == [0..<1, 1..<2])
        #expect(BatchEvaluator.split([], limit: 10).isEmpty)
    }

    /// The sums of passes that are filled one after the other.
    private static func filled(_ sizes: [Int], limit: Int) -> [Int] {
        sizes.reduce(into: [Int]()) { sums, size in
            if let last = sums.last, last + size <= limit { sums[sums.count - 1] += size } else { sums.append(size) }
        }
    }
}
