/// What one connection's bytes are answered with.
public struct ConversationAnswer: Sendable, Equatable {
    /// The bytes to send back; none when there is nothing to say yet.
    public var bytes: [UInt8]
    /// How many units, such as messages, the bytes brought to their end.
    public var finishedUnits: Int
    /// Whether a unit has begun whose end is still to come.
    public var awaitsMore: Bool

    /// Whether units that have come whole are still to be answered; the conversation is called again, with no bytes.
    public var hasMore: Bool

    /// Makes an answer.
    public init(bytes: [UInt8], finishedUnits: Int, awaitsMore: Bool, hasMore: Bool = false) {
        self.bytes = bytes
        self.finishedUnits = finishedUnits
        self.awaitsMore = awaitsMore
        self.hasMore = hasMore
    }
}

/// One connection's side of a protocol: bytes in, bytes out.
///
/// It is called for one piece of bytes at a time, in their order, on the listener's worker queue, and may take as long
/// as a durable write takes: nothing more is read from its connection meanwhile.
public protocol ListenerConversation: AnyObject, Sendable {
    /// Takes the next bytes, in whatever pieces the network gave them, and answers the first unit that is complete.
    func receive(_ bytes: [UInt8]) -> ConversationAnswer

    /// Told once that no more bytes will come; nothing can be answered any more.
    func end()
}
