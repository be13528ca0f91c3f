import ArgumentParser
import Workflow

/// `overread screen FILE | --store PATH`.
struct ScreenCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "screen",
        abstract: "Look for identifiers in texts; counts by class, no text.",
        discussion: """
            The classes are those of HIPAA's Safe Harbor method. A text in which nothing is found may still identify \
            somebody: docs/privacy-screen.md has the measured recall. With --keep the results go into the store, and a \
            suspect text keeps its pair out of snapshots.

            Example:
              overread screen --store store.sqlite --keep
            """)

    @Argument(help: ArgumentHelp("Pairs in any known format, or a plain text.", valueName: "file"))
    var file: String?

    @Option(help: ArgumentHelp("A store, whose imported pairs are screened.", valueName: "path"))
    var store: String?

    @Option(help: ArgumentHelp("A YAML file with the names of the site's facilities.", valueName: "file"))
    var sites: String?

    @Flag(help: "Keep the results in the store.")
    var keep = false

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func validate() throws {
        guard (file == nil) != (store == nil) else { throw ValidationError("give a file or --store") }
        guard !keep || store != nil else { throw ValidationError("--keep goes with --store") }
    }

    func execute(_ console: Console, stop: StopRequest) throws {
        let events = console.events(stop: stop)
        let result =
            if let file {
                try ScreenStage.run(file: file, sites: sites, events: events)
            } else {
                try ScreenStage.run(store: store ?? "", sites: sites, keep: keep, events: events)
            }
        console.result(json ? result.json : result.text)
    }
}
