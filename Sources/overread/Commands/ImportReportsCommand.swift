import ArgumentParser
import Workflow

/// `overread import-reports FILE… --store PATH --feed FEED.yaml`.
struct ImportReportsCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "import-reports",
        abstract: "Take HL7 v2 or FHIR reports and make pairs of drafts and finals.",
        discussion: """
            Every version of a report is kept; the last draft and the first final of an exam become a pair when they \
            pass the gates of docs/clinical-messages.md, and what gave none is counted by reason. Accession numbers, \
            patients and people are kept as keys under a secret beside the store. Texts are screened for identifiers; a \
            suspect one keeps its pair out of snapshots. The same file a second time changes nothing.

            Example:
              overread import-reports day.hl7 --store store.sqlite --feed feed.yaml
              overread import-reports --watch inbox --store store.sqlite --feed feed.yaml
            """)

    @Argument(
        help: ArgumentHelp("HL7 v2 files and batches, FHIR JSON and ndjson, in order.", valueName: "file"))
    var files: [String] = []

    @Option(help: ArgumentHelp("The store: an SQLite file, made if it is not there.", valueName: "path"))
    var store: String

    @Option(help: ArgumentHelp("The feed's settings, a YAML file.", valueName: "file"))
    var feed: String

    @Option(help: ArgumentHelp("A folder to take files from as they come, until stopped.", valueName: "folder"))
    var watch: String?

    @Flag(help: "Go on where the accession number's field is often empty.")
    var acceptGaps = false

    @Flag(help: "Check everything and change nothing.")
    var dryRun = false

    @Flag(help: "Write the result as one JSON object; with --watch one a file.")
    var json = false

    func validate() throws {
        guard files.isEmpty != (watch == nil) else { throw ValidationError("give files, or --watch and a folder") }
        guard watch == nil || !dryRun else { throw ValidationError("--dry-run goes with files, not with --watch") }
    }

    func execute(_ console: Console, stop: StopRequest) throws {
        let options = ReportImportStage.Options(dryRun: dryRun, acceptsGaps: acceptGaps)
        let events = console.events(stop: stop)
        guard let watch else {
            let result = try ReportImportStage.run(
                files: files, store: store, feed: feed, options: options, events: events)
            return console.result(json ? result.json : result.text)
        }
        try ReportImportStage.watch(watch, store: store, feed: feed, options: options, events: events) {
            console.result(json ? $0.json : $0.text)
        }
        throw stopped(console, "Stopped watching \(watch).")
    }
}
