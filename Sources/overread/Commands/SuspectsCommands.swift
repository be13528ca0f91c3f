import ArgumentParser
import Diagnostics
import Glibc
import Workflow

/// `overread suspects list | show | clear`.
struct SuspectsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspects",
        abstract: "List, show and clear texts in which identifiers were found.",
        discussion: """
            A suspect text keeps its pair out of snapshots until a screen finds it clean or a person clears it.

            Example:
              overread suspects list --store store.sqlite
              overread suspects clear 9f86d081884c --store store.sqlite \\
                --by lead --reason "synthetic date"
            """,
        subcommands: [SuspectsListCommand.self, SuspectsShowCommand.self, SuspectsClearCommand.self],
        defaultSubcommand: SuspectsListCommand.self)
}

/// `overread suspects list --store PATH`.
struct SuspectsListCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the suspect texts by digest, what was found, and where; no text.",
        discussion: """
            Example:
              overread suspects list --store store.sqlite
            """)

    @Option(help: ArgumentHelp("The store.", valueName: "path"))
    var store: String

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func execute(_ console: Console, stop: StopRequest) throws {
        let result = try SuspectsStage.list(store: store)
        console.result(json ? result.json : result.text)
    }
}

/// `overread suspects show DIGEST --store PATH`.
struct SuspectsShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print a suspect text to the terminal; that it was shown becomes an audit event.",
        discussion: """
            Example:
              overread suspects show 9f86d081884c --store store.sqlite
            """)

    @Argument(help: ArgumentHelp("The beginning of the text's digest, or a pair's id.", valueName: "digest|id"))
    var text: String

    @Option(help: ArgumentHelp("The store.", valueName: "path"))
    var store: String

    @Flag(help: "Print it also where standard output is no terminal but a file or a pipe.")
    var force = false

    func run() throws {
        guard force || isatty(STDOUT_FILENO) == 1 else {
            throw Refusal(
                code: "suspects.no-terminal", at: "standard output",
                "it is no terminal, and a text with identifiers would be left in a file or another program",
                mend: "run it in a terminal, or give --force and answer for where it goes")
        }
        Console().result(try SuspectsStage.show(text, store: store))
    }
}

/// `overread suspects clear DIGEST --store PATH --by KEY --reason WORDS`.
struct SuspectsClearCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "clear",
        abstract: "Let a suspect text pass on a person's word, with an audit event.",
        discussion: """
            Example:
              overread suspects clear 9f86d081884c --store store.sqlite \\
                --by lead --reason "synthetic date"
            """)

    @Argument(help: ArgumentHelp("The beginning of the text's digest, or a pair's id.", valueName: "digest|id"))
    var text: String

    @Option(help: ArgumentHelp("The store.", valueName: "path"))
    var store: String

    @Option(help: ArgumentHelp("The key of who answers for it.", valueName: "key"))
    var by: String

    @Option(help: ArgumentHelp("Why it may pass; without identifiers.", valueName: "words"))
    var reason: String

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func execute(_ console: Console, stop: StopRequest) throws {
        let result = try SuspectsStage.clear(text, store: store, by: by, reason: reason)
        console.result(json ? result.json : result.text)
    }
}
