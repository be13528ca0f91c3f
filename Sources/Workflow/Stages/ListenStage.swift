import ClinicalMessages
public import Diagnostics
import Foundation
import MessageListener
import Preferences
import StrictJSON

/// Listens for HL7 v2 messages over MLLP and takes them into a store until it is stopped.
public enum ListenStage {
    /// Where is listened, and what is allowed.
    public struct Options: Sendable {
        /// The address or name to bind.
        public var host = "127.0.0.1"
        /// The port; 0 lets the system choose.
        public var port = 0
        /// A PEM certificate chain, for TLS.
        public var certificate: String?
        /// Its PEM private key.
        public var key: String?
        /// Whether plain connections from other machines are wanted.
        public var plainNetwork = false
        /// The most connections at once.
        public var connections = 32
        /// Seconds without a whole message before a connection is closed.
        public var idleSeconds = 600
        /// Seconds from a message's first byte to its last before its connection is closed.
        public var messageSeconds = 60
        /// The most bytes of one message.
        public var messageBytes = 4 << 20
        /// Take messages without an accession number, whose reports nothing could find again, as if they were kept.
        public var acceptsGaps = false
        /// Seconds without a message before the store is closed, so that other commands can use it.
        public var quietSeconds = 5.0

        /// The usual options.
        public init() {}
    }

    /// Seconds that a message which has begun may still take when the listener is stopped.
    static let graceSeconds = 10.0
    /// Seconds between two lines of progress.
    static let progressSeconds = 10.0

    /// Listens until the events say stop; then what is in hand is finished and acknowledged.
    ///
    /// The store and the secret of its keys are made when they are not there.
    ///
    /// - Parameters:
    ///   - path: the store.
    ///   - feedPath: the feed's YAML file.
    /// - Returns: what came in, in numbers.
    /// - Throws: a refusal of the feed's file, the store or the listener; what is wrong with a message is answered.
    public static func run(
        store path: String, feed feedPath: String, options: Options, events: StageEvents
    ) throws(Refusal) -> StageResult {
        let feed = try FeedFile.load(feedPath)
        let settings = settings(options)
        try settings.check()
        let keys = try prepare(path, events)
        let receiver = FeedReceiver(feed: feed, keys: keys, store: path, acceptsGaps: options.acceptsGaps)
        let limit = options.messageBytes
        let listener = try ByteListener(settings) {
            MLLPConversation(receiver, connection: $0, messageLimit: limit)
        }
        events.say(
            "Listening on \(options.host) port \(listener.port)\(options.certificate == nil ? "" : " with TLS").")
        var shown = FeedReceiver.Tally()
        var lastLine = ContinuousClock.now
        while !events.shouldStop() {
            Thread.sleep(forTimeInterval: 0.05)
            receiver.closeStore(afterQuietSeconds: options.quietSeconds)
            guard ContinuousClock.now - lastLine >= .seconds(progressSeconds) else { continue }
            lastLine = .now
            let (tally, said) = receiver.report()
            for line in said { events.say(line) }
            if tally != shown { events.say(line(tally, listener.counts)) }
            shown = tally
        }
        listener.stop(graceSeconds: graceSeconds)
        let (tally, said) = receiver.report()
        for line in said { events.say(line) }
        return result(tally, listener.counts, path, feed.settings.name)
    }

    private static func settings(_ options: Options) -> ListenerSettings {
        let certificate = options.certificate.flatMap { chain in
            options.key.map { ListenerSettings.Certificate(chain: chain, key: $0) }
        }
        return ListenerSettings(
            host: options.host, port: options.port, certificate: certificate,
            allowsPlainNetwork: options.plainNetwork, maximumConnections: options.connections,
            idleSeconds: Double(options.idleSeconds), unitSeconds: Double(options.messageSeconds))
    }

    /// Makes sure of the store and its secret before the first message, and gives the keys.
    private static func prepare(_ path: String, _ events: StageEvents) throws(Refusal) -> IdentifierKeys {
        let known = try IdentifierSecret.load(forStore: path)
        let store = try PreferenceStore(at: path)
        if let known { return known.keys }
        try ReportImportStage.requireNoReports(store, path)
        let secret = IdentifierSecret.fresh()
        try secret.keep(forStore: path)
        events.say("Made the secret \(IdentifierSecret.path(forStore: path)): keep a copy of it apart from backups.")
        return secret.keys
    }

    private static func line(_ tally: FeedReceiver.Tally, _ counts: ListenerCounts) -> String {
        "\(counted(tally.messages, "message")): \(tally.accepted) AA, \(tally.errors) AE, \(tally.rejected) AR; "
            + "\(counted(tally.newVersions, "new report version")), \(counted(tally.newPairs, "new pair")); "
            + "\(counted(counts.open, "connection")) open."
    }

    private static func result(
        _ tally: FeedReceiver.Tally, _ counts: ListenerCounts, _ path: String, _ feed: String
    ) -> StageResult {
        func count(_ number: Int) -> JSONValue { .number(JSONNumber(number)) }
        return StageResult(
            [
                "store": .string(path), "feed": .string(feed), "messages": count(tally.messages),
                "accepted": count(tally.accepted), "errors": count(tally.errors), "rejected": count(tally.rejected),
                "versions": ["new": count(tally.newVersions), "known": count(tally.knownVersions)],
                "pairs": ["new": count(tally.newPairs)], "suspect_texts": count(tally.suspectTexts),
                "skipped_bytes": count(tally.skippedBytes),
                "connections": [
                    "taken": count(counts.taken), "turned_away": count(counts.turnedAway),
                    "timed_out": count(counts.timedOut),
                ],
            ], text: line(tally, counts))
    }
}
