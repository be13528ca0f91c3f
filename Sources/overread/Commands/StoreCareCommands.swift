import ArgumentParser
import Workflow

/// `overread check --store PATH`.
struct CheckCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a store from end to end; nothing is changed.",
        discussion: """
            Looks at the database's integrity and foreign keys, every pair and answer against its digest, the judging \
            queue, the snapshots, the audit chain, and files left beside the store. The audit head that it prints is \
            worth writing down elsewhere: audit verify can then see events that were cut off.

            Example:
              overread check --store store.sqlite
            """)

    @Option(help: ArgumentHelp("The store to check.", valueName: "path"))
    var store: String

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func execute(_ console: Console, stop: StopRequest) throws {
        let result = try CheckStage.run(store: store, events: console.events(stop: stop))
        console.result(json ? result.json : result.text)
    }
}

/// `overread backup --store PATH --output FILE`.
struct BackupCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy a store to one verified file.",
        discussion: """
            SQLite's online backup: the copy is the store at one moment. It is checked before it takes its place, so the \
            file is a good backup or is not there. Nothing is written over. The copy holds report text: keep it as \
            carefully as the store. A store is put back by copying the file to the store's place.

            Example:
              overread backup --store store.sqlite --output monday.sqlite
            """)

    @Option(help: ArgumentHelp("The store to copy.", valueName: "path"))
    var store: String

    @Option(help: ArgumentHelp("The file to make.", valueName: "file"))
    var output: String

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func execute(_ console: Console, stop: StopRequest) throws {
        let result = try BackupStage.run(store: store, output: output, events: console.events(stop: stop))
        console.result(json ? result.json : result.text)
    }
}

/// `overread audit …`.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Look at a store's record of every change.",
        discussion: """
            Example:
              overread audit verify --store store.sqlite
            """,
        subcommands: [AuditVerifyCommand.self])
}

/// `overread audit verify --store PATH [--head SEQ:HASH]`.
struct AuditVerifyCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Recompute the hash chain of a store's audit events.",
        discussion: """
            Every event is hashed over the one before it, so one that was altered, removed or moved is found and named. \
            Events cut off the end are found only against a head that was written down elsewhere.

            Example:
              overread audit verify --store store.sqlite
            """)

    @Option(help: ArgumentHelp("The store to verify.", valueName: "path"))
    var store: String

    @Option(help: ArgumentHelp("A head that check, backup or verify printed earlier.", valueName: "seq:hash"))
    var head: String?

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func execute(_ console: Console, stop: StopRequest) throws {
        let result = try AuditStage.verify(store: store, head: head, events: console.events(stop: stop))
        console.result(json ? result.json : result.text)
    }
}
