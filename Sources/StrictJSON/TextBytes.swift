/// Texts as the bytes that they are: Swift's own comparisons take canonically equivalent texts for equal.
extension String {
    /// Whether both have the same bytes.
    package func sameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        let (a, b) = (utf8.span, other.utf8.span)
        for index in a.indices where a[index] != b[index] { return false }
        return true
    }

    /// Whether this one comes first in the order of the bytes; a text follows its own beginnings.
    package func precedesInBytes(_ other: String) -> Bool {
        let (a, b) = (utf8.span, other.utf8.span)
        for index in 0..<min(a.count, b.count) where a[index] != b[index] { return a[index] < b[index] }
        return a.count < b.count
    }

    /// Whether a NUL character stands anywhere.
    package var holdsNUL: Bool {
        let bytes = utf8.span
        // Without a way out of the loop it runs over many bytes at once.
        var least = UInt8.max
        for index in bytes.indices { least = min(least, bytes[index]) }
        return least == 0
    }
}

/// A text as a key that is looked up by its bytes.
package struct TextKey: Hashable, Sendable {
    /// The text.
    package let text: String

    /// Makes a key.
    package init(_ text: String) {
        self.text = text
    }

    /// Whether both have the same bytes.
    package static func == (a: TextKey, b: TextKey) -> Bool { a.text.sameBytes(as: b.text) }

    /// Feeds the bytes, eight at a time.
    package func hash(into hasher: inout Hasher) {
        let bytes = text.utf8.span
        var word: UInt64 = 0
        for index in bytes.indices {
            word = word << 8 | UInt64(bytes[index])
            if index & 7 == 7 { hasher.combine(word) }
        }
        hasher.combine(word)
        hasher.combine(bytes.count)
    }
}
