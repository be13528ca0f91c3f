import CKernels
import Testing

@testable import Kernels

@Suite("Products that use both factors as they lie")
struct TileTests {
    private static func wave(_ count: Int, _ step: Double) -> [Float] {
        (0..<count).map { Float((Double($0) * step).remainder(dividingBy: 2) - 0.3) }
    }

    /// y as the kernel leaves it; p is (m × k) or, transposed, (k × m).
    private static func product(
        _ p: [Float], _ v: [Float], m: Int, n: Int, k: Int, stride: Int, transposed: Bool, accumulating: Bool
    ) -> [Float] {
        var y = [Float](repeating: 3, count: m * stride)
        ck_tile_products(
            &y, stride, p, transposed ? 1 : k, transposed ? m : 1, v, stride, m, n, k, accumulating ? 1 : 0)
        return y
    }

    @Test(
        "are what plain sums give, at every edge of the tiles, and leave what lies between rows as it was",
        arguments: [1, 3, 4, 6, 11, 23], [1, 7, 16, 33, 64, 97])
    func sums(m: Int, n: Int) {
        let stride = n + 3
        for k in [1, 64, 128, 300] {
            let (p, v) = (Self.wave(m * k, 0.37), Self.wave(k * stride, 0.71))
            for (transposed, accumulating) in [(false, false), (false, true), (true, false), (true, true)] {
                let y = Self.product(
                    p, v, m: m, n: n, k: k, stride: stride, transposed: transposed, accumulating: accumulating)
                var largest = 0.0
                for row in 0..<m {
                    for column in 0..<n {
                        let sum = (0..<k).reduce(accumulating ? 3.0 : 0) {
                            $0 + Double(p[transposed ? $1 * m + row : row * k + $1]) * Double(v[$1 * stride + column])
                        }
                        largest = max(largest, abs(Double(y[row * stride + column]) - sum))
                    }
                    #expect(y[(row * stride + n)..<((row + 1) * stride)].allSatisfy { $0 == 3 })
                }
                #expect(largest < 2e-6 * Double(k + 4), "\(m) x \(n) x \(k): \(largest)")
            }
        }
    }

    @Test("give a value the same bits whatever else is computed beside it")
    func sameBits() {
        let (m, n, k) = (23, 97, 200)
        let (p, v) = (Self.wave(m * k, 0.37), Self.wave(k * n, 0.71))
        let all = Self.product(p, v, m: m, n: n, k: k, stride: n, transposed: false, accumulating: false)
        for row in [0, 5, 22] {
            let alone = Self.product(
                Array(p[(row * k)..<((row + 1) * k)]), v, m: 1, n: n, k: k, stride: n, transposed: false,
                accumulating: false)
            #expect(alone == Array(all[(row * n)..<((row + 1) * n)]))
        }
    }

    @Test("a transposed matrix has its rows for columns, scaled", arguments: [1, 15, 16, 37])
    func transpose(rows: Int) {
        let columns = 5
        let x = Self.wave(rows * columns, 0.37)
        var y = [Float](repeating: 0, count: columns * (rows + 2))
        ck_transpose(&y, rows + 2, x, columns, rows, columns, 2)
        for row in 0..<rows {
            for column in 0..<columns { #expect(y[column * (rows + 2) + row] == 2 * x[row * columns + column]) }
        }
    }

    @Test("uneven ranges cover all of the work once, the same ranges on every day", arguments: [1, 2, 3, 5])
    func unevenRanges(threads: Int) {
        for (total, unit) in [(0, 8), (1, 8), (31, 8), (64, 8), (1079, 8), (576, 32), (1536, 16)] {
            let workers = Workers(threads)
            var all: [[Range<Int>]] = []
            for _ in 0..<2 {
                // Each thread adds to a list of its own.
                let lists = (0..<threads).map { _ in List() }
                workers.forEachUnevenRange(total, unit: unit) { part, range in lists[part].ranges.append(range) }
                all.append(lists.flatMap(\.ranges).filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound })
            }
            #expect(all[0] == all[1])
            #expect(all[0].flatMap { Array($0) } == Array(0..<total))
            #expect(all[0].dropLast().allSatisfy { $0.upperBound % unit == 0 })
        }
    }

    private final class List {
        var ranges: [Range<Int>] = []
    }
}
