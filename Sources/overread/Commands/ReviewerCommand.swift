import ArgumentParser
import Workflow

/// `overread reviewer …`.
struct ReviewerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reviewer",
        abstract: "Look after the accounts of the review page.",
        discussion: """
            No command takes a password: a one-time link lets each person set one. While the review page runs, it holds \
            the store; accounts are then made on its page of users.

            Example:
              overread reviewer add --store store.sqlite --name anna --role administrator
            """,
        subcommands: [
            ReviewerAddCommand.self, ReviewerListCommand.self, ReviewerDisableCommand.self, ReviewerEnableCommand.self,
            ReviewerLinkCommand.self,
        ])
}

/// `overread reviewer add --store PATH --name NAME --role ROLE`.
struct ReviewerAddCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Make an account and print the one-time link with which its owner sets a password.",
        discussion: """
            The first account is an administrator's. The link works once and for three days.

            Example:
              overread reviewer add --store store.sqlite --name anna --role reviewer \\
                --credential attending --subspecialty neuro --subspecialty chest
            """)

    @Option(help: ArgumentHelp("The store; it is made when it is not there.", valueName: "path"))
    var store: String

    @Option(help: ArgumentHelp("The log-in name: 2 to 64 of a-z 0-9 . _ - @.", valueName: "name"))
    var name: String

    @Option(help: ArgumentHelp("The name that colleagues see; the log-in name if left out.", valueName: "name"))
    var displayName: String?

    @Option(help: ArgumentHelp("reviewer, lead or administrator.", valueName: "role"))
    var role: String

    @Option(help: ArgumentHelp("attending, fellow, resident or other.", valueName: "word"))
    var credential = "other"

    @Option(help: ArgumentHelp("A field of the reader's, such as neuro; may be repeated.", valueName: "field"))
    var subspecialty: [String] = []

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func execute(_ console: Console, stop: StopRequest) throws {
        let result = try ReviewerStage.add(
            store: store, name: name, displayName: displayName, role: role, credential: credential,
            subspecialties: subspecialty, events: console.events(stop: stop))
        console.result(json ? result.json : result.text)
    }
}

/// `overread reviewer list --store PATH`.
struct ReviewerListCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the accounts.",
        discussion: """
            Example:
              overread reviewer list --store store.sqlite
            """)

    @Option(help: ArgumentHelp("The store.", valueName: "path"))
    var store: String

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func execute(_ console: Console, stop: StopRequest) throws {
        let result = try ReviewerStage.list(store: store, events: console.events(stop: stop))
        console.result(json ? result.json : result.text)
    }
}

/// `overread reviewer disable --store PATH --name NAME`.
struct ReviewerDisableCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Close an account and end its sessions; what it judged stays.",
        discussion: """
            Example:
              overread reviewer disable --store store.sqlite --name anna
            """)

    @Option(help: ArgumentHelp("The store.", valueName: "path"))
    var store: String

    @Option(help: ArgumentHelp("The log-in name.", valueName: "name"))
    var name: String

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func execute(_ console: Console, stop: StopRequest) throws {
        let result = try ReviewerStage.setDisabled(
            true, store: store, name: name, events: console.events(stop: stop))
        console.result(json ? result.json : result.text)
    }
}

/// `overread reviewer enable --store PATH --name NAME`.
struct ReviewerEnableCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Open a closed account again.",
        discussion: """
            Example:
              overread reviewer enable --store store.sqlite --name anna
            """)

    @Option(help: ArgumentHelp("The store.", valueName: "path"))
    var store: String

    @Option(help: ArgumentHelp("The log-in name.", valueName: "name"))
    var name: String

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func execute(_ console: Console, stop: StopRequest) throws {
        let result = try ReviewerStage.setDisabled(
            false, store: store, name: name, events: console.events(stop: stop))
        console.result(json ? result.json : result.text)
    }
}

/// `overread reviewer link --store PATH --name NAME`.
struct ReviewerLinkCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "link",
        abstract: "Print a new one-time link for an account whose password is lost; an earlier link ends.",
        discussion: """
            Example:
              overread reviewer link --store store.sqlite --name anna
            """)

    @Option(help: ArgumentHelp("The store.", valueName: "path"))
    var store: String

    @Option(help: ArgumentHelp("The log-in name.", valueName: "name"))
    var name: String

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func execute(_ console: Console, stop: StopRequest) throws {
        let result = try ReviewerStage.link(store: store, name: name, events: console.events(stop: stop))
        console.result(json ? result.json : result.text)
    }
}
