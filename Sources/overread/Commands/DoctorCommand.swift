import ArgumentParser
import Workflow

/// `overread doctor`.
struct DoctorCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what machine, libraries, model and store it sees.",
        discussion: """
            Ends with status 0 when all that was looked at is in order, 3 when something is not.

            Example:
              overread doctor --model M.gguf --adapter adapter --store store.sqlite
            """)

    @Option(help: ArgumentHelp("A base model to open; the demo's, if it is there.", valueName: "file"))
    var model: String?

    @Option(help: ArgumentHelp("An adapter to check against the model.", valueName: "folder"))
    var adapter: String?

    @Option(help: ArgumentHelp("A store to check through and through.", valueName: "path"))
    var store: String?

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func execute(_ console: Console, stop: StopRequest) throws {
        let (result, isWell) = DoctorStage.run(model: model, adapter: adapter, store: store)
        console.result(json ? result.json : result.text)
        if !isWell { throw ExitCode(3) }
    }
}
