/// A JSON object whose members keep the order in which they were written.
///
/// Keys are compared as bytes: a composed and a decomposed "é" are two keys. Two objects are equal when they hold equal
/// members in the same order.
public struct JSONObject: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// One key with its value.
    public struct Member: Sendable, Equatable {
        /// The key.
        public var key: String
        /// The value.
        public var value: JSONValue

        /// Makes a member.
        public init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }

        /// Whether both keys have the same bytes and both values are equal.
        public static func == (a: Member, b: Member) -> Bool {
            a.key.sameBytes(as: b.key) && a.value == b.value
        }
    }

    /// The members in file order; the caller keeps the keys distinct.
    public var members: [Member]

    /// Makes an object of members in the given order.
    public init(_ members: [Member] = []) {
        self.members = members
    }

    /// Makes an object from a literal, in the literal's order.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        members = elements.map { Member($0.0, $0.1) }
    }

    /// The keys in file order.
    public var keys: [String] { members.map(\.key) }

    /// The value of a key: a linear search.
    ///
    /// Setting replaces in place or appends; setting nil removes the member.
    public subscript(_ key: String) -> JSONValue? {
        get {
            // By position: a closure would be given copies of the members that are passed over.
            for index in members.indices where members[index].key.sameBytes(as: key) { return members[index].value }
            return nil
        }
        set {
            let index = members.firstIndex { $0.key.sameBytes(as: key) }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(key, value))
            case (nil, nil): break
            }
        }
    }
}
