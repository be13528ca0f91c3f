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
    /// By the shortest edit script (Myers 1986, Algorithmica 1:251-266), the standard library's.
    public init(_ a: some Collection<UInt8>, _ b: some Collection<UInt8>) {
        let (first, second) = (ByteText.words(a), ByteText.words(b))
        let difference = second.difference(from: first)
        deleted = difference.removals.count
        inserted = difference.insertions.count
        total = first.count + second.count
    }
}
