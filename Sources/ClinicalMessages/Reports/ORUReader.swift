public import Diagnostics

/// What one ORU message gave.
public struct ORUReading: Sendable {
    /// The reports, usually one.
    public var versions: [ReportVersion]
    /// What was noticed.
    public var notices: [ReadingNotice]
}

/// Reads radiology reports from ORU messages (HL7 v2.3 to v2.8, chapter 7).
///
/// Orders (OBR) of one message that share their text are one report. OBX-5 of types TX, FT and ST is text as a whole,
/// whatever component separators stand in it; other types are counted and left out.
public struct ORUReader: Sendable {
    /// How the feed is read.
    public let settings: FeedSettings
    /// Turns identifiers into keys.
    public let keys: IdentifierKeys

    /// Value types that are report text.
    static let textTypes: Set<String> = ["TX", "FT", "ST"]
    /// Value types that are no report text (table 0125).
    static let otherTypes: Set<String> = [
        "AD", "CE", "CF", "CK", "CN", "CNE", "CP", "CQ", "CWE", "CX", "DR", "DT", "DTM", "ED", "EI", "FN", "ID", "IS",
        "JCC",
        "MA", "MO", "NA", "NM", "NR", "PN", "PPN", "RI", "RP", "SAD", "SCV", "SI", "SN", "SNM", "TM", "TN", "TS", "XAD",
        "XCN",
        "XON", "XPN", "XTN",
    ]

    /// Makes a reader.
    public init(settings: FeedSettings, keys: IdentifierKeys) {
        self.settings = settings
        self.keys = keys
    }

    /// Reads the reports of one message.
    ///
    /// - Parameters:
    ///   - message: the message.
    ///   - location: how refusals and notices call it, such as `feed.hl7:message 3`.
    /// - Throws: `hl7.type` for other messages, `oru.obx-without-obr`, `oru.value-type`, `oru.value-type-missing`,
    ///   `oru.no-observation` for an ORU that holds no order at all.
    public func read(_ message: HL7Message, at location: String) throws(Refusal) -> ORUReading {
        try requireORU(message, at: location)
        var notices: [ReadingNotice] = []
        let blocks = try orderBlocks(message, at: location, &notices)
        guard !blocks.isEmpty else {
            throw Refusal(
                code: "oru.no-observation", at: location, "an ORU message without any OBR segment",
                mend: "have the sender put the order (OBR) before its text (OBX)")
        }
        let digest = keys.digest(message.bytes)
        var versions: [ReportVersion] = []
        for group in Self.reports(blocks) {
            versions.append(version(message, group, digest: digest, at: location, &notices))
        }
        return ORUReading(versions: versions, notices: notices)
    }

    private func requireORU(_ message: HL7Message, at location: String) throws(Refusal) {
        guard message.type != "ORU" else { return }
        let known: Set<String> = [
            "ACK", "ADT", "BAR", "DFT", "MDM", "MFN", "OML", "OMG", "OMI", "ORM", "ORR", "ORL", "QRY", "SIU", "VXU",
        ]
        let found = known.contains(message.type) ? message.type : "another type (\(message.type.utf8.count) bytes)"
        throw Refusal(
            code: "hl7.type", at: "\(location):MSH-9", "the message is \(found); ORU^R01 is read here",
            mend: "send results only, or filter the feed by MSH-9")
    }

    /// One order with the text that follows it.
    struct OrderBlock {
        /// The PID that it stands under, by number.
        let patient: HL7Segment?
        let patientNumber: Int
        let order: HL7Segment
        let common: HL7Segment?
        var lines: [HL7Segment] = []
        var skipped: [String: Int] = [:]
        var observationStatuses: [String] = []
        var accession = ""

        var hasText: Bool { lines.contains { !$0.field(5).isEmpty } }
    }

    private func orderBlocks(_ message: HL7Message, at location: String, _ notices: inout [ReadingNotice])
        throws(Refusal) -> [OrderBlock]
    {
        var blocks: [OrderBlock] = []
        var patient: HL7Segment?
        var patientNumber = 0
        var common: HL7Segment?
        var lastSetID: Int?
        for (number, segment) in message.segments.enumerated() {
            switch segment.name {
            case "PID":
                patient = segment
                patientNumber += 1
                common = nil
            case "ORC": common = segment
            case "OBR":
                var block = OrderBlock(patient: patient, patientNumber: patientNumber, order: segment, common: common)
                block.accession = accession(message, block, settings.accessionField)
                blocks.append(block)
                common = nil
                lastSetID = nil
            case "OBX":
                let place = "\(location):segment \(number + 1) (OBX)"
                guard let last = blocks.indices.last, blocks[last].patientNumber == patientNumber else {
                    throw Refusal(
                        code: "oru.obx-without-obr", at: place, "an OBX before any OBR of its patient",
                        mend: "have the sender put the order (OBR) before its text (OBX)")
                }
                if let id = Int(message.value(segment, 1)) {
                    if let lastSetID, id <= lastSetID {
                        notices.append(
                            ReadingNotice(
                                "oru.obx-order", at: place,
                                "the set id does not rise; the lines are read in the order of the message"))
                    }
                    lastSetID = id
                }
                try add(segment, to: &blocks[last], message, at: place)
            default: break
            }
        }
        return blocks
    }

    private func add(_ segment: HL7Segment, to block: inout OrderBlock, _ message: HL7Message, at place: String)
        throws(Refusal)
    {
        let type = message.value(segment, 2)
        let status = message.value(segment, 11)
        if !status.isEmpty { block.observationStatuses.append(status) }
        if Self.textTypes.contains(type) {
            block.lines.append(segment)
        } else if Self.otherTypes.contains(type) {
            block.skipped[type, default: 0] += 1
        } else if !segment.field(5).allSatisfy(ByteText.isSpace) {
            throw Refusal(
                code: type.isEmpty ? "oru.value-type-missing" : "oru.value-type", at: "\(place):OBX-2",
                type.isEmpty
                    ? "a value without a type" : "a value of a type that table 0125 lacks (\(type.utf8.count) bytes)",
                mend: "have the sender write TX, FT or ST for text")
        }
    }

    /// Blocks that make up one report each: all of a patient's when at most one has text, else by accession number.
    static func reports(_ blocks: [OrderBlock]) -> [[OrderBlock]] {
        var groups: [[OrderBlock]] = []
        var index = 0
        while index < blocks.count {
            let number = blocks[index].patientNumber
            let ofPatient = Array(blocks[index...].prefix { $0.patientNumber == number })
            index += ofPatient.count
            guard ofPatient.count(where: \.hasText) > 1 else {
                groups.append(ofPatient)
                continue
            }
            var byAccession: [[OrderBlock]] = []
            for block in ofPatient {
                let place = byAccession.firstIndex { group in
                    group.contains { Array($0.accession.utf8) == Array(block.accession.utf8) }
                }
                if let place {
                    byAccession[place].append(block)
                } else if !block.hasText, let last = byAccession.indices.last {
                    byAccession[last].append(block)
                } else {
                    byAccession.append([block])
                }
            }
            groups += byAccession
        }
        return groups
    }

    /// An accession number as a field gives it; empty when the field is.
    func accession(_ message: HL7Message, _ block: OrderBlock, _ field: AccessionField) -> String {
        switch field {
        case .obr18: message.value(block.order, 18)
        case .obr3: message.value(block.order, 3)
        case .orc3: block.common.map { message.value($0, 3) } ?? ""
        }
    }
}
