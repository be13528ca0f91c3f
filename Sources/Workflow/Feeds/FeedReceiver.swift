import ClinicalMessages
import Diagnostics
import Preferences
import Synchronization

/// Takes a feed's messages one at a time, as they come over a connection, and answers each once it is on the disk.
///
/// A message goes the way of `import-reports`: its versions are kept, its exams harvested with all that the store knows
/// of them, the pairs screened and imported. Messages of all connections take turns. The store is opened for the first
/// message and closed again when none has come for a while, so that other commands can use it.
final class FeedReceiver: Sendable {
    /// What became of the messages, in numbers.
    struct Tally: Sendable, Equatable {
        var accepted = 0
        var errors = 0
        var rejected = 0
        var newVersions = 0
        var knownVersions = 0
        var newPairs = 0
        var suspectTexts = 0
        var skippedBytes = 0

        var messages: Int { accepted + errors + rejected }
    }

    private struct OpenStore {
        var store: PreferenceStore?
        var lastUse = ContinuousClock.now
    }

    private struct Words {
        var tally = Tally()
        var said: [String] = []
        var unsaid = 0
    }

    private let feed: FeedFile
    private let keys: IdentifierKeys
    private let path: String
    private let acceptsGaps: Bool
    private let access = Mutex(OpenStore())
    private let words = Mutex(Words())
    private static let saidAtOnce = 20

    init(feed: FeedFile, keys: IdentifierKeys, store path: String, acceptsGaps: Bool) {
        self.feed = feed
        self.keys = keys
        self.path = path
        self.acceptsGaps = acceptsGaps
    }

    /// Takes one message and gives its acknowledgement: AA when all of it is on the disk, AE or AR with the reason.
    func answer(to block: [UInt8], on connection: Int) -> [UInt8] {
        let place = "connection \(connection)"
        let message: HL7Message
        do throws(Refusal) {
            message = try Self.message(in: block, at: place, charset: feed.settings.charset)
        } catch {
            return answer(toUnreadable: block, error, at: place)
        }
        do throws(Refusal) {
            try take(message, at: place)
            return finish(.accepted, message, nil)
        } catch {
            return finish(error.code == "hl7.type" ? .rejected : .error, message, error)
        }
    }

    /// Answers a block that was too long or not ended: there is no message to give an answer to.
    func answer(toBroken refusal: Refusal) -> [UInt8] { finish(.rejected, nil, refusal) }

    /// Counts a block that the connection ended in the middle of.
    func note(unfinished refusal: Refusal) { say(refusal.description) }

    /// Counts bytes that stood outside any block.
    func note(skipped count: Int) { words.withLock { $0.tally.skippedBytes += count } }

    /// Closes the store when no message has come for so long; never in the middle of one.
    func closeStore(afterQuietSeconds seconds: Double) {
        _ = access.withLockIfAvailable { open in
            if ContinuousClock.now - open.lastUse >= .seconds(seconds) { open.store = nil }
        }
    }

    /// The numbers so far, and what was said since it was last asked.
    func report() -> (tally: Tally, said: [String]) {
        words.withLock { words in
            var said = words.said
            if words.unsaid > 0 { said.append("\(words.unsaid) more messages were not taken.") }
            words.said = []
            words.unsaid = 0
            return (words.tally, said)
        }
    }

    /// The one message of a block.
    private static func message(
        in block: [UInt8], at place: String, charset: HL7Charset?
    ) throws(Refusal) -> HL7Message {
        let file = try HL7File(parsing: block, named: place, charset: charset)
        let count = file.messages.count + file.quarantined.count
        guard count == 1 else {
            throw Refusal(
                code: "mllp.several", at: place, "a block with \(count) messages or pieces; it holds one message",
                mend: "send each message in a block of its own")
        }
        if let first = file.quarantined.first { throw first.refusal }
        guard let (_, message) = file.messages.first else {
            throw Refusal(code: "hl7.no-msh", at: place, "a block without a message", mend: "send one message a block")
        }
        return message
    }

    /// Keeps and harvests a message; when this returns, what was taken is on the disk.
    private func take(_ message: HL7Message, at place: String) throws(Refusal) {
        var reading = FeedReading(feed: feed, keys: keys)
        try reading.add(message, at: place)
        let versions = reading.versions
        let harvest = try access.withLock { open throws(Refusal) in
            defer { open.lastUse = .now }
            if open.store == nil { open.store = try PreferenceStore(at: path) }
            return try FeedHarvest(versions, feed: feed, store: open.store, dryRun: false, named: "listener")
        }
        words.withLock { words in
            words.tally.newVersions += harvest.newVersions
            words.tally.knownVersions += harvest.knownVersions
            words.tally.newPairs += harvest.imported.takenCount
            words.tally.suspectTexts += harvest.screened[.suspect] ?? 0
        }
        for refusal in harvest.imported.refused { say(refusal.description) }
        try refuseLost(harvest.notKept, at: place)
    }

    /// Refuses a message of which some version could not be kept: an acceptance would let the sender forget it.
    private func refuseLost(_ notKept: [String: Int], at place: String) throws(Refusal) {
        let reasons = notKept.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for reason in reasons where reason != ExamsOfVersions.noAccession || !acceptsGaps {
            let isGap = reason == ExamsOfVersions.noAccession
            throw Refusal(
                code: isGap ? "feed.accession" : "feed.not-kept",
                at: isGap ? "\(place):\(feed.settings.accessionField.rawValue)" : place,
                isGap ? "the accession number is empty" : "a report was not kept: \(reason)",
                mend: isGap
                    ? "have the sender fill it in, or set the feed's accession_field" : "look at the store's exam")
        }
    }

    /// Answers what is no message, to its sender where at least the header can be read.
    private func answer(toUnreadable block: [UInt8], _ refusal: Refusal, at place: String) -> [UInt8] {
        let start = block.indices.first { block[$0...].starts(with: "MSH".utf8) } ?? block.startIndex
        let line = Array(block[start...].prefix { $0 != 0x0D && $0 != 0x0A })
        guard let header = try? HL7Message(parsing: line, named: place, charset: .latin1) else {
            return finish(.rejected, nil, refusal)
        }
        return finish(.error, header, refusal)
    }

    private func finish(_ code: HL7Acknowledgement.Code, _ message: HL7Message?, _ refusal: Refusal?) -> [UInt8] {
        let number = words.withLock { words in
            switch code {
            case .accepted: words.tally.accepted += 1
            case .error: words.tally.errors += 1
            case .rejected: words.tally.rejected += 1
            }
            return words.tally.messages
        }
        if let refusal { say(refusal.description) }
        let time = ReportTime(milliseconds: UTCTime.current().milliseconds)
        let controlID = "\(time.milliseconds)-\(number)"
        let unknown = Refusal(code: "hl7.no-msh", at: "", "no message", mend: "send it again")
        return
            if let message
        {
            HL7Acknowledgement(to: message, code, refusal: refusal, controlID: controlID, time: time).bytes
        } else {
            HL7Acknowledgement(toUnreadable: refusal ?? unknown, controlID: controlID, time: time).bytes
        }
    }

    private func say(_ text: String) {
        words.withLock { words in
            if words.said.count < Self.saidAtOnce { words.said.append(text) } else { words.unsaid += 1 }
        }
    }
}
