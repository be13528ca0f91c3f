/// How many words one text must lose and gain to become another.
public struct WordDifference: Sendable, Equatable {
    /// Words of the first text that the second does not keep.
    public let deleted: Int
    /// Words of the second text that the first does not have.
    public let inserted: Int
    /// Words of both texts together.
    public let total: Int

    /// Words changed: deleted and inserted.
    public var changed: Int { deleted + inserted }
    /// The share of both texts' words that changed, 0 (the same) to 1 (nothing in common); 0 for two empty texts.
    public var ratio: Double { total == 0 ? 0 : Double(changed) / Double(total) }

    /// Compares two texts word by word, words being what stands between white space, as bytes.
    ///
    /// By the longest common subsequence: O(n × m) steps after common words at both ends are set aside.
    public init(_ a: some Collection<UInt8>, _ b: some Collection<UInt8>) {
        var numbers: [[UInt8]: Int] = [:]
        func numbered(_ words: [[UInt8]]) -> [Int] {
            words.map { word in
                if let number = numbers[word] { return number }
                let number = numbers.count
                numbers[word] = number
                return number
            }
        }
        let first = numbered(ByteText.words(a))
        let second = numbered(ByteText.words(b))
        let common = Self.common(first, second)
        deleted = first.count - common
        inserted = second.count - common
        total = first.count + second.count
    }

    private static func common(_ a: [Int], _ b: [Int]) -> Int {
        let shared = min(a.count, b.count)
        let head = (0..<shared).first { a[$0] != b[$0] } ?? shared
        let tail = (0..<(shared - head)).first { a[a.count - 1 - $0] != b[b.count - 1 - $0] } ?? shared - head
        let x = a[head..<(a.count - tail)]
        let y = Array(b[head..<(b.count - tail)])
        var row = [Int](repeating: 0, count: y.count + 1)
        for word in x {
            var diagonal = 0
            for index in y.indices {
                let above = row[index + 1]
                row[index + 1] = word == y[index] ? diagonal + 1 : max(above, row[index])
                diagonal = above
            }
        }
        return head + tail + (row.last ?? 0)
    }
}
