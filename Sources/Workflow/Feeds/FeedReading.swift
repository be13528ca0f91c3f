import ClinicalMessages
import Diagnostics

/// What files or messages of a feed gave, before anything is kept.
struct FeedReading {
    /// The report versions in the order of arrival.
    private(set) var versions: [ClinicalMessages.ReportVersion] = []
    /// How many messages and resources there were, readable or not.
    private(set) var unitCount = 0
    /// Why some gave no version.
    private(set) var refused: [Refusal] = []
    /// What was noticed, counted by its code.
    private(set) var notices: [String: Int] = [:]
    private var messages: [HL7Message] = []
    private let feed: FeedFile
    private let keys: IdentifierKeys

    init(feed: FeedFile, keys: IdentifierKeys) {
        self.feed = feed
        self.keys = keys
    }

    /// How often each field carries the accession number; nil when no HL7 message was read.
    var selfTest: AccessionSelfTest? {
        messages.isEmpty ? nil : AccessionSelfTest(messages, settings: feed.settings)
    }

    /// Reads a file: FHIR when it begins with a brace or a bracket, HL7 v2 otherwise.
    ///
    /// - Throws: what makes the whole file unreadable; what is wrong with one message or resource is collected.
    mutating func add(file path: String) throws(Refusal) {
        let bytes = try TextFile.readBytes(path, code: "reports", limit: 512 << 20)
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        switch body.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) {
        case UInt8(ascii: "{"), UInt8(ascii: "["): try addFHIR(Array(body), named: path)
        default: try addHL7(bytes, named: path)
        }
    }

    private mutating func addFHIR(_ bytes: [UInt8], named: String) throws(Refusal) {
        let reading = try FHIRReader(settings: feed.settings, keys: keys).read(bytes, named: named)
        unitCount += reading.versions.count + reading.quarantined.count
        versions += reading.versions
        refused += reading.quarantined.map(\.refusal)
        note(reading.notices)
    }

    private mutating func addHL7(_ bytes: [UInt8], named: String) throws(Refusal) {
        let file = try HL7File(parsing: bytes, named: named, charset: feed.settings.charset)
        unitCount += file.messages.count + file.quarantined.count
        refused += file.quarantined.map(\.refusal) + file.batchProblems
        note(file.notices)
        for (index, message) in file.messages {
            do throws(Refusal) {
                try add(message, at: "\(named):message \(index + 1)")
            } catch {
                refused.append(error)
            }
        }
    }

    /// Reads one message.
    mutating func add(_ message: HL7Message, at place: String) throws(Refusal) {
        let reading = try ORUReader(settings: feed.settings, keys: keys).read(message, at: place)
        messages.append(message)
        versions += reading.versions
        note(reading.notices)
    }

    private mutating func note(_ found: [ReadingNotice]) {
        for notice in found { notices[notice.code, default: 0] += 1 }
    }
}
