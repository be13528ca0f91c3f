public import Diagnostics

/// The messages of one file: a single message, several one after the other, or batches (FHS, BHS, BTS, FTS).
///
/// MLLP block characters that were left in are passed over. A message that cannot be read is quarantined with its
/// reason; the others are read all the same. HL7 v2.8.2 chapter 2, section 2.10.3, for batches.
public struct HL7File: Sendable {
    /// The messages that were read, each with its number among all of the file's units, from 0.
    public private(set) var messages: [(index: Int, message: HL7Message)] = []
    /// What could not be read, each with its number among all of the file's units.
    public private(set) var quarantined: [QuarantinedInput] = []
    /// Batches whose count is not what their trailer says: errors that no single message is to blame for.
    public private(set) var batchProblems: [Refusal] = []
    /// What was noticed.
    public private(set) var notices: [ReadingNotice] = []

    private var unitCount = 0
    private var messagesInBatch = 0
    private var batchCount = 0
    private var batchIsOpen = false
    private let name: String

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - named: how refusals call it.
    ///   - charset: the character set to use in place of each message's MSH-18.
    /// - Throws: `hl7.encoding` for UTF-16, `hl7.no-msh` when no message begins anywhere.
    public init(parsing bytes: [UInt8], named: String, charset: HL7Charset? = nil) throws(Refusal) {
        name = named
        var start = 0
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            start = 3
            notices.append(ReadingNotice("hl7.byte-order-mark", at: named, "a byte order mark was passed over"))
        }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) || bytes.prefix(4).contains(0) {
            throw Refusal(
                code: "hl7.encoding", at: "\(named):byte 0", "the file is UTF-16 or UTF-32, or begins with NUL",
                mend: "save it as UTF-8")
        }
        let body = start == 0 ? bytes : Array(bytes[start...])
        let boundaries = HL7Boundaries.find(in: body)
        guard boundaries.contains(where: { $0.kind == .message || $0.kind == .damaged }) else {
            throw Refusal(
                code: "hl7.no-msh", at: "\(named):byte 0",
                "no line of \(bytes.count) bytes begins with MSH",
                mend: "give a file of HL7 v2 messages as they were sent")
        }
        let first = boundaries.first?.start ?? 0
        if first > 0 { quarantineLeftover(body[..<first], offset: start) }
        for (number, boundary) in boundaries.enumerated() {
            let end = number + 1 < boundaries.count ? max(boundaries[number + 1].start, boundary.start) : body.count
            read(body[boundary.start..<end], boundary, offset: start, charset: charset)
        }
        closeBatch(at: "\(named):byte \(bytes.count)")
    }

    private mutating func read(
        _ bytes: ArraySlice<UInt8>, _ boundary: HL7Boundaries.Boundary, offset: Int, charset: HL7Charset?
    ) {
        let place = "\(name):byte \(offset + bytes.startIndex)"
        if boundary.isGlued {
            notices.append(
                ReadingNotice(
                    "hl7.glued", at: place, "a message begins inside a line; it was split from the one before"))
        }
        switch boundary.kind {
        case .leftover: quarantineLeftover(bytes, offset: offset)
        case .envelope:
            let line = bytes.prefix { $0 != 0x0D && $0 != 0x0A }
            readEnvelope(line, at: place)
            quarantineLeftover(bytes[line.endIndex...], offset: offset)
        case .damaged:
            messagesInBatch += 1
            quarantine(
                bytes, offset: offset,
                Refusal(
                    code: "hl7.no-msh", at: place, "separators of a header without its name MSH",
                    mend: "export this message again"))
        case .message:
            messagesInBatch += 1
            var message = bytes
            while let last = message.last, last == 0x0B || last == 0x1C { message.removeLast() }
            do throws(Refusal) {
                let read = try HL7Message(
                    parsing: Array(message), named: name, at: offset + message.startIndex, charset: charset)
                notices += read.notices
                messages.append((unitCount, read))
                unitCount += 1
            } catch {
                quarantine(bytes, offset: offset, error)
            }
        }
    }

    private mutating func quarantine(_ bytes: ArraySlice<UInt8>, offset: Int, _ refusal: Refusal) {
        let range = (offset + bytes.startIndex)..<(offset + bytes.endIndex)
        quarantined.append(QuarantinedInput(index: unitCount, bytes: range, refusal: refusal))
        unitCount += 1
    }

    private mutating func quarantineLeftover(_ bytes: ArraySlice<UInt8>, offset: Int) {
        guard bytes.contains(where: { !ByteText.isSpace($0) && $0 != 0x0B && $0 != 0x1C }) else { return }
        quarantine(
            bytes, offset: offset,
            Refusal(
                code: "hl7.stray-bytes", at: "\(name):byte \(offset + bytes.startIndex)",
                "\(bytes.count) bytes that belong to no message", mend: "export the messages around them again"))
    }

    private mutating func readEnvelope(_ line: ArraySlice<UInt8>, at place: String) {
        let segment = ByteText.string(line.prefix(3))
        switch segment {
        case "BHS":
            closeBatch(at: place)
            batchIsOpen = true
            messagesInBatch = 0
        case "BTS":
            check(line, segment, counted: messagesInBatch, of: "messages", at: place)
            batchCount += 1
            batchIsOpen = false
            messagesInBatch = 0
        case "FTS":
            closeBatch(at: place)
            check(line, segment, counted: batchCount, of: "batches", at: place)
            batchCount = 0
        default:
            closeBatch(at: place)
            batchCount = 0
        }
    }

    private mutating func closeBatch(at place: String) {
        guard batchIsOpen else { return }
        batchIsOpen = false
        batchProblems.append(
            Refusal(
                code: "hl7.batch", at: place, "a batch (BHS) is not closed by a BTS segment",
                mend: "ask the sender for the whole file; the messages that are there were read"))
    }

    private mutating func check(
        _ line: ArraySlice<UInt8>, _ segment: String, counted: Int, of what: String, at place: String
    ) {
        let count = line.dropFirst(4).prefix(while: ByteText.isDigit)
        let next = line.dropFirst(4 + count.count).first
        let isNumber = next == nil || next == line.dropFirst(3).first
        guard isNumber, !count.isEmpty || line.count <= 4 || next != nil else { return }
        guard !count.isEmpty else { return }
        guard Int(ByteText.string(count)) != counted else { return }
        batchProblems.append(
            Refusal(
                code: "hl7.batch-count", at: "\(place):\(segment)-1",
                "the trailer counts \(ByteText.string(count.prefix(12))) \(what); \(counted) are there",
                mend: "ask the sender for the whole file; the messages that are there were read"))
    }
}
