import ArgumentParser
import Workflow

/// `overread export --store PATH | --snapshot DIR --format NAME --output FILE`.
struct ExportCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a snapshot for other programs: TRL, Argilla or CSV.",
        discussion: """
            The same snapshot gives the same bytes. Without --provenance only prompt, chosen and rejected are written. \
            An export from a store is entered in its audit chain. The file holds report text: nothing here makes it \
            safe to pass on.

            Example:
              overread export --snapshot snapshot --format csv --output pairs.csv
            """)

    @Option(help: ArgumentHelp("The store; its newest snapshot unless --digest says another.", valueName: "path"))
    var store: String?

    @Option(help: ArgumentHelp("The beginning of a stored snapshot's digest.", valueName: "hex"))
    var digest: String?

    @Option(help: ArgumentHelp("A folder that overread snapshot made.", valueName: "folder"))
    var snapshot: String?

    @Option(help: ArgumentHelp("trl, trl-conversational, trl-plain, argilla or csv.", valueName: "name"))
    var format: String

    @Option(help: ArgumentHelp("train or held_out; both if left out.", valueName: "side"))
    var split: String?

    @Flag(help: "Write ids, keys, reviewers and every other field too.")
    var provenance = false

    @Option(help: ArgumentHelp("The file to make.", valueName: "file"))
    var output: String

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func validate() throws {
        guard (store == nil) != (snapshot == nil) else {
            throw ValidationError("give one of --store and --snapshot")
        }
        guard digest == nil || store != nil else { throw ValidationError("--digest goes with --store") }
    }

    func execute(_ console: Console, stop: StopRequest) throws {
        let source: ExportStage.Source =
            if let snapshot { .folder(snapshot) } else { .store(store ?? "", digest: digest) }
        let result = try ExportStage.run(
            source, format: format, provenance: provenance, split: split, output: output,
            events: console.events(stop: stop))
        console.result(json ? result.json : result.text)
    }
}
