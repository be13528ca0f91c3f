import ArgumentParser
import Workflow

/// `overread import FILE… --store PATH`.
struct ImportCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take preference pairs into a store.",
        discussion: """
            A pair is one JSON object on a line, as TRL has it: "prompt", "chosen" and "rejected", each a text or a list \
            of messages, with optional fields of ours ("id", "patient", "modality", …; Preferences/README.md lists \
            them). Other formats are found by their content: Anthropic HH, LLaMA-Factory, Argilla, Label Studio, CSV, and \
            anything flat with a column mapping (docs/pair-formats.md). A file is taken whole or not at all; the same \
            file or pair a second time changes nothing.

            Example:
              overread import Preferences/impression-pairs.jsonl --store store.sqlite
              overread import answers.csv --mapping columns.yaml --store store.sqlite
            """)

    @Argument(help: ArgumentHelp("Files of pairs, in order.", valueName: "file"))
    var files: [String]

    @Option(help: ArgumentHelp("The store: an SQLite file, made if it is not there.", valueName: "path"))
    var store: String

    @Option(
        help: ArgumentHelp(
            "The format, where the content does not say: trl, anthropic-hh, csv, …", valueName: "name"))
    var format: String?

    @Option(help: ArgumentHelp("A YAML file that says which columns mean what.", valueName: "file"))
    var mapping: String?

    @Flag(help: "Take the good lines, and set refused ones aside in FILE.refused with their reasons.")
    var skipBad = false

    @Flag(help: "Look for identifiers; a suspect text keeps its pair out of snapshots until it is cleared.")
    var screen = false

    @Flag(help: "With --screen: take nothing of a file in which an identifier is found.")
    var refuseIdentifiers = false

    @Option(help: ArgumentHelp("A YAML file with the names of the site's facilities, for --screen.", valueName: "file"))
    var sites: String?

    @Flag(help: "Check everything and change nothing.")
    var dryRun = false

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func validate() throws {
        guard sites == nil || screen else { throw ValidationError("--sites goes with --screen") }
        guard screen || !refuseIdentifiers else {
            throw ValidationError("--refuse-identifiers goes with --screen")
        }
    }

    func execute(_ console: Console, stop: StopRequest) throws {
        let options = ImportStage.Options(
            skipBad: skipBad, dryRun: dryRun, format: format, mapping: mapping, screen: screen,
            refuseIdentifiers: refuseIdentifiers, sites: sites)
        let result = try ImportStage.run(
            files: files, store: store, options: options, events: console.events(stop: stop))
        console.result(json ? result.json : result.text)
    }
}
