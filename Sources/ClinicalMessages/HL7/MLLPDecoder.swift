public import Diagnostics

/// What the bytes of an MLLP connection held.
public enum MLLPEvent: Sendable, Equatable {
    /// A whole block's content, without its frame.
    case block([UInt8])
    /// Bytes outside any block that were passed over; line ends between blocks are not counted.
    case skipped(Int)
    /// A block that was too long or not ended; reading goes on with the next.
    case refused(Refusal)
}

/// Takes HL7's minimal lower layer protocol apart, in whatever pieces the bytes come.
///
/// A block is `0x0B`, the message, `0x1C`, `0x0D` (HL7 v2 Transport Specification: MLLP, release 2). A missing `0x0D`
/// and line feeds between blocks are tolerated; a `0x0B` before `MSH` inside a block means that the block before it
/// was never ended.
public struct MLLPDecoder: Sendable {
    /// The most bytes that one block may have.
    public let limit: Int
    /// Whether a block has begun whose end is still to come.
    public var isInsideBlock: Bool { isInside }
    private var content: [UInt8] = []
    private var isInside = false
    private var isTooLong = false
    private var skipped = 0
    private var discarded = 0
    /// A `0x0B` inside a block whose next bytes are still to come.
    private var heldStart: [UInt8] = []

    /// Makes a decoder that refuses blocks of more than `limit` bytes.
    public init(limit: Int = 4 << 20) {
        self.limit = limit
    }

    /// Takes the next bytes and gives what is complete, in order.
    public mutating func append(_ bytes: [UInt8]) -> [MLLPEvent] {
        var events: [MLLPEvent] = []
        for byte in bytes { take(byte, &events) }
        return events
    }

    /// What is left at the end of the connection: an unfinished block is refused, never given as a message.
    public mutating func finish() -> [MLLPEvent] {
        var events: [MLLPEvent] = []
        if isInside {
            let length = content.count + heldStart.count + discarded
            events.append(.refused(Self.unfinished(length)))
        } else if skipped > 0 {
            events.append(.skipped(skipped))
        }
        self = MLLPDecoder(limit: limit)
        return events
    }

    /// A message as a block.
    public static func frame(_ message: [UInt8]) -> [UInt8] { [0x0B] + message + [0x1C, 0x0D] }

    private mutating func take(_ byte: UInt8, _ events: inout [MLLPEvent]) {
        guard isInside else {
            if byte == 0x0B {
                if skipped > 0 { events.append(.skipped(skipped)) }
                begin()
            } else if byte != 0x0D, byte != 0x0A {
                skipped += 1
            }
            return
        }
        if !heldStart.isEmpty || byte == 0x0B {
            heldStart.append(byte)
            let start: [UInt8] = [0x0B, 0x4D, 0x53, 0x48]
            if heldStart == start {
                events.append(.refused(isTooLong ? tooLong() : Self.unfinished(content.count)))
                begin()
                content = [0x4D, 0x53, 0x48]
            } else if !start.starts(with: heldStart) {
                let held = heldStart
                heldStart = []
                add(held[0])
                // What followed the 0x0B may itself begin or end something.
                for later in held.dropFirst() { take(later, &events) }
            }
            return
        }
        if byte == 0x1C {
            events.append(isTooLong ? .refused(tooLong()) : .block(content))
            isInside = false
            content = []
            return
        }
        add(byte)
    }

    private mutating func begin() {
        isInside = true
        isTooLong = false
        content = []
        heldStart = []
        skipped = 0
        discarded = 0
    }

    private mutating func add(_ byte: UInt8) {
        guard !isTooLong, content.count < limit else {
            discarded += content.count + 1
            content = []
            isTooLong = true
            return
        }
        content.append(byte)
    }

    private func tooLong() -> Refusal {
        Refusal(
            code: "mllp.too-long", at: "connection",
            "a block of \(discarded) bytes; at most \(limit) are taken", mend: "send the attachments another way")
    }

    private static func unfinished(_ length: Int) -> Refusal {
        Refusal(
            code: "mllp.unfinished", at: "connection", "a block of \(length) bytes was not ended by 0x1C",
            mend: "send the message again")
    }
}
