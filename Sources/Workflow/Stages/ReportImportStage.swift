import ClinicalMessages
public import Diagnostics
import Preferences
import StrictJSON

/// Takes reports as a department's systems send them, HL7 v2 or FHIR, and makes pairs of drafts and finals.
public enum ReportImportStage {
    /// What is done and what is not.
    public struct Options: Sendable {
        /// Check everything and change nothing.
        public var dryRun: Bool
        /// Go on where the feed's accession field is often empty.
        public var acceptsGaps: Bool

        /// Options.
        public init(dryRun: Bool = false, acceptsGaps: Bool = false) {
            self.dryRun = dryRun
            self.acceptsGaps = acceptsGaps
        }
    }

    /// Imports files of HL7 v2 messages or FHIR reports.
    ///
    /// All files are read before anything is kept. A message that cannot be read is counted and said, and its neighbours
    /// are taken all the same; the same files a second time change nothing.
    ///
    /// - Parameters:
    ///   - files: the files, in order of arrival.
    ///   - path: the store, made if it is not there.
    ///   - feedPath: the feed's YAML file.
    /// - Throws: a file that cannot be read at all, `feed.accession`, `feed.no-secret`, or a refusal of the store.
    public static func run(
        files: [String], store path: String, feed feedPath: String, options: Options, events: StageEvents
    ) throws(Refusal) -> StageResult {
        for file in files { try TextFile.requireFile(file, code: "reports") }
        let feed = try FeedFile.load(feedPath)
        var store = TextFile.exists(path) ? try PreferenceStore(at: path) : nil
        let known = try IdentifierSecret.load(forStore: path)
        if known == nil { try requireNoReports(store, path) }
        let secret = known ?? .fresh()
        var reading = FeedReading(feed: feed, keys: secret.keys)
        for file in files { try reading.add(file: file) }
        for refusal in reading.refused.prefix(20) { events.say(refusal.description) }
        if reading.versions.isEmpty, let first = reading.refused.first { throw first }
        if let verdict = reading.selfTest?.verdict {
            guard options.acceptsGaps || options.dryRun else { throw verdict }
            events.say(verdict.description)
        }
        if !options.dryRun {
            // Nothing is made before it is known that there is something to keep.
            if store == nil { store = try PreferenceStore(at: path) }
            if known == nil {
                try secret.keep(forStore: path)
                events.say(
                    "Made the secret \(IdentifierSecret.path(forStore: path)): keep a copy of it apart from backups.")
            }
        }
        let harvest = try FeedHarvest(
            reading.versions, feed: feed, store: store, dryRun: options.dryRun,
            named: files.map(\.lastPathPart).joined(separator: ", "))
        for refusal in harvest.imported.refused.prefix(20) { events.say(refusal.description) }
        return ReportImportSummary(
            store: path, feed: feed.settings.name, reading: reading, harvest: harvest, dryRun: options.dryRun
        ).result
    }

    /// Refuses a store that holds reports and whose secret is gone: under another one no draft would find its final.
    static func requireNoReports(_ store: PreferenceStore?, _ path: String) throws(Refusal) {
        guard try store?.reportVersionCount() ?? 0 > 0 else { return }
        throw Refusal(
            .environment, code: "feed.no-secret", at: IdentifierSecret.path(forStore: path),
            "the store holds reports and the secret of their keys is not beside it",
            mend: "put the file back from where its copy is kept")
    }
}
