public import Diagnostics

/// One segment of a message: its name and its fields as they were written.
public struct HL7Segment: Sendable, Equatable {
    /// Three characters, such as `OBX`.
    public let name: String
    /// The fields from number 1; of MSH the first two are the separators themselves.
    public let fields: [[UInt8]]

    /// The bytes of a field by its number in the standard, from 1; empty when the segment ends before it.
    public func field(_ number: Int) -> [UInt8] {
        number >= 1 && number <= fields.count ? fields[number - 1] : []
    }
}

/// One HL7 v2 message: its separators, character set and segments.
public struct HL7Message: Sendable, Equatable {
    /// The separators that its MSH declares.
    public let separators: HL7Separators
    /// The character set that it was read in.
    public let charset: HL7Charset
    /// Its segments in order, MSH first.
    public let segments: [HL7Segment]
    /// What was noticed while reading it.
    public let notices: [ReadingNotice]

    /// The most bytes that one message may have.
    public static let greatestSize = 32 << 20

    /// Reads one message.
    ///
    /// A carriage return ends a segment, with a line feed after it or without; a message without any carriage return is
    /// split at line feeds, and a notice says so. A line feed inside a message that has carriage returns is text.
    ///
    /// - Parameters:
    ///   - bytes: the message, from `MSH`.
    ///   - named: how refusals call the file.
    ///   - offset: where the message begins in the file, for refusals.
    ///   - charset: the character set to use in place of MSH-18's.
    /// - Throws: `hl7.no-msh`, `hl7.header-short`, `hl7.separators`, `hl7.segment`, `hl7.charset`, `hl7.size`.
    public init(parsing bytes: [UInt8], named: String, at offset: Int = 0, charset: HL7Charset? = nil)
        throws(Refusal)
    {
        let place = "\(named):byte \(offset)"
        guard bytes.count <= Self.greatestSize else {
            throw Refusal(
                code: "hl7.size", at: place,
                "a message of \(bytes.count) bytes; at most \(Self.greatestSize) are read", mend: "split the file")
        }
        guard bytes.starts(with: "MSH".utf8) else {
            throw Refusal(
                code: "hl7.no-msh", at: place, "the message does not begin with MSH",
                mend: "give a file of HL7 v2 messages as they were sent")
        }
        var notices: [ReadingNotice] = []
        let separators = try HL7Separators(
            header: bytes[..<(bytes.firstIndex { $0 == 0x0D || $0 == 0x0A } ?? bytes.count)], at: place)
        var segments: [HL7Segment] = []
        for (start, line) in Self.lines(bytes, at: place, &notices) {
            segments.append(
                try Self.segment(line, separators, at: "\(named):byte \(offset + start)", isHeader: segments.isEmpty))
        }
        self.separators = separators
        self.segments = segments
        self.charset = try Self.charset(
            of: bytes, declared: segments.first?.field(18) ?? [], separators, asked: charset, named: named, at: offset,
            &notices)
        self.notices = notices
    }

    private static func lines(_ bytes: [UInt8], at place: String, _ notices: inout [ReadingNotice])
        -> [(start: Int, line: ArraySlice<UInt8>)]
    {
        let end = bytes.lastIndex { $0 != 0x0D && $0 != 0x0A } ?? 0
        let hasReturns = bytes[...end].contains(0x0D)
        if !hasReturns, bytes.contains(0x0A) {
            notices.append(
                ReadingNotice("hl7.line-feeds", at: place, "segments end in line feeds, not carriage returns"))
        }
        var afterReturn = false
        var sawPairs = false
        var lines: [(Int, ArraySlice<UInt8>)] = []
        for line in bytes.split(separator: hasReturns ? 0x0D : 0x0A, omittingEmptySubsequences: false) {
            var line = line
            if afterReturn, hasReturns, line.first == 0x0A {
                line.removeFirst()
                sawPairs = true
            }
            afterReturn = true
            if !line.allSatisfy(ByteText.isSpace) { lines.append((line.startIndex, line)) }
        }
        if sawPairs {
            notices.append(
                ReadingNotice("hl7.line-feeds", at: place, "segments end in carriage return and line feed"))
        }
        return lines
    }

    private static func segment(
        _ line: ArraySlice<UInt8>, _ separators: HL7Separators, at place: String, isHeader: Bool
    ) throws(Refusal) -> HL7Segment {
        let name = line.prefix(3)
        let rest = line.dropFirst(3)
        guard name.count == 3, name.allSatisfy({ ByteText.isUpper($0) || ByteText.isDigit($0) }),
            name.first.map(ByteText.isUpper) == true, rest.isEmpty || rest.first == separators.field
        else {
            throw Refusal(
                code: "hl7.segment", at: place,
                "a line of \(line.count) bytes that begins no segment; a carriage return inside a field ends the segment",
                mend: "have the sender escape carriage returns in text as \\.br\\")
        }
        if isHeader {
            let after = rest.dropFirst()
            let fields = ByteText.split(after, at: separators.field).map(Array.init)
            return HL7Segment(name: ByteText.string(name), fields: [[separators.field]] + fields)
        }
        let fields = rest.isEmpty ? [] : ByteText.split(rest.dropFirst(), at: separators.field).map(Array.init)
        return HL7Segment(name: ByteText.string(name), fields: fields)
    }

    private static func charset(
        of bytes: [UInt8], declared: [UInt8], _ separators: HL7Separators, asked: HL7Charset?, named: String,
        at offset: Int, _ notices: inout [ReadingNotice]
    ) throws(Refusal) -> HL7Charset {
        let place = "\(named):byte \(offset)"
        let names = ByteText.split(declared[...], at: separators.repetition).map { ByteText.trimmed(Array($0)) }
        let first = names.first ?? []
        if let asked {
            if let wrong = asked.firstWrongByte(in: bytes) {
                throw HL7Charset.wrongByte(asked, at: offset + wrong, named: named, declared: false)
            }
            if !first.isEmpty, HL7Charset(named: ByteText.string(first)) != asked {
                notices.append(
                    ReadingNotice("hl7.charset", at: place, "read as \(asked.rawValue), as asked, whatever MSH-18 says")
                )
            }
            return asked
        }
        guard !first.isEmpty else {
            if HL7Charset.utf8.firstWrongByte(in: bytes) == nil { return .utf8 }
            notices.append(
                ReadingNotice(
                    "hl7.charset", at: place,
                    "MSH-18 is empty and the bytes are not UTF-8; read as \(HL7Charset.latin1.rawValue)"))
            return .latin1
        }
        guard let charset = HL7Charset(named: ByteText.string(first)) else {
            throw Refusal(
                code: "hl7.charset", at: "\(place):MSH-18",
                "a character set that is not read here; read are "
                    + HL7Charset.allCases.map(\.rawValue).joined(separator: ", "),
                mend: "name one of them with --charset, or have the sender use UNICODE UTF-8")
        }
        if let wrong = charset.firstWrongByte(in: bytes) {
            throw HL7Charset.wrongByte(charset, at: offset + wrong, named: named, declared: true)
        }
        return charset
    }
}

extension HL7Message {
    /// The MSH segment.
    public var header: HL7Segment { segments.first ?? HL7Segment(name: "MSH", fields: []) }

    /// A part of a field with its escapes resolved: repetition, component and subcomponent, each from 1.
    ///
    /// Nil subcomponent takes the component whole. Empty when the part is absent.
    public func value(
        _ segment: HL7Segment, _ field: Int, component: Int = 1, subcomponent: Int? = 1, repetition: Int = 1
    ) -> String {
        func part(_ bytes: ArraySlice<UInt8>, _ separator: UInt8?, _ number: Int) -> ArraySlice<UInt8> {
            guard let separator else { return number == 1 ? bytes : [] }
            let parts = ByteText.split(bytes, at: separator)
            return number <= parts.count ? parts[number - 1] : []
        }
        let one = part(
            part(segment.field(field)[...], separators.repetition, repetition), separators.component, component)
        let raw = subcomponent.map { part(one, separators.subcomponent, $0) } ?? one
        return ByteText.string(ByteText.trimmed(Array(text(Array(raw)).text.utf8)))
    }

    /// How many repetitions a field has; none when it is empty.
    public func repetitions(_ segment: HL7Segment, _ field: Int) -> Int {
        let bytes = segment.field(field)
        return bytes.isEmpty ? 0 : ByteText.split(bytes[...], at: separators.repetition).count
    }

    /// The whole of a field as text, its escapes resolved once; nothing but `lineFeed` is taken for a separator.
    public func text(_ raw: [UInt8], lineFeed: UInt8? = nil) -> HL7Text {
        HL7Escapes(separators: separators, charset: charset).decode(raw, lineFeed: lineFeed)
    }

    /// The bytes that stand for a text in this message.
    ///
    /// - Throws: `hl7.encode` when its character set lacks a character or no escape character is declared.
    public func encoded(_ text: String) throws(Refusal) -> [UInt8] {
        try HL7Escapes(separators: separators, charset: charset).encode(text, at: "message")
    }

    /// MSH-9.1, such as `ORU`.
    public var type: String { value(header, 9) }
    /// MSH-9.2, such as `R01`.
    public var event: String { value(header, 9, component: 2) }
    /// MSH-10, which the acknowledgement gives back.
    public var controlID: String { value(header, 10, subcomponent: nil) }
    /// MSH-12.1, such as `2.5.1`.
    public var version: String { value(header, 12) }

    /// The message as bytes: every segment ends in a carriage return.
    public var bytes: [UInt8] {
        segments.flatMap { segment -> [UInt8] in
            let isHeader = segment.name == "MSH"
            let fields = isHeader ? Array(segment.fields.dropFirst()) : segment.fields
            return Array(segment.name.utf8) + fields.flatMap { [separators.field] + $0 } + [0x0D]
        }
    }
}
