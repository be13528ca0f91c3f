import ArgumentParser
import Workflow

/// `overread listen --port N --store PATH --feed FEED.yaml`.
struct ListenCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "listen",
        abstract: "Take HL7 v2 reports over MLLP connections as they are sent.",
        discussion: """
            Each message goes the way of import-reports and is acknowledged once it is on the disk: AA taken, also when \
            it is known already; AE not taken, with the field, and worth sending again once that is mended; AR of \
            another type, or unreadable. Ctrl-C or SIGTERM finishes and acknowledges the message in hand and ends. The \
            store is closed when no message has come for five seconds, so that other commands can use it.

            Only this machine is listened to unless --host says otherwise; then a certificate is needed, or \
            --plain-network.

            Example:
              overread listen --port 2575 --store store.sqlite --feed feed.yaml
            """)

    @Option(help: ArgumentHelp("The port, 1 to 65535; 0 lets the system choose.", valueName: "number"))
    var port: Int

    @Option(help: ArgumentHelp("The address to listen on.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(help: ArgumentHelp("The store: an SQLite file, made if it is not there.", valueName: "path"))
    var store: String

    @Option(help: ArgumentHelp("The feed's settings, a YAML file.", valueName: "file"))
    var feed: String

    @Option(help: ArgumentHelp("A certificate chain in PEM, for TLS.", valueName: "file"))
    var certificate: String?

    @Option(help: ArgumentHelp("The certificate's private key in PEM.", valueName: "file"))
    var key: String?

    @Flag(help: "Listen to other machines without TLS; the network itself must be protected.")
    var plainNetwork = false

    @Option(help: ArgumentHelp("The most connections at once.", valueName: "number"))
    var connections = 32

    @Option(help: ArgumentHelp("Close a connection after so long without a whole message.", valueName: "seconds"))
    var idleSeconds = 600

    @Option(help: ArgumentHelp("Close a connection whose message takes longer.", valueName: "seconds"))
    var messageSeconds = 60

    @Option(help: ArgumentHelp("The most bytes of a message.", valueName: "number"))
    var messageBytes = 4 << 20

    @Flag(help: "Acknowledge reports without an accession number, which nothing can find again.")
    var acceptGaps = false

    @Flag(help: "Write what came in as one JSON object at the end.")
    var json = false

    func validate() throws {
        func require(_ value: Int, _ range: ClosedRange<Int>, _ name: String) throws {
            guard range.contains(value) else {
                throw ValidationError(
                    "--\(name) is \(value); allowed is \(range.lowerBound) to \(range.upperBound)")
            }
        }
        try require(port, 0...65_535, "port")
        try require(connections, 1...1024, "connections")
        try require(idleSeconds, 1...86_400, "idle-seconds")
        try require(messageSeconds, 1...3600, "message-seconds")
        try require(messageBytes, 1024...(32 << 20), "message-bytes")
        guard (certificate == nil) == (key == nil) else {
            throw ValidationError("--certificate and --key go together")
        }
    }

    func execute(_ console: Console, stop: StopRequest) throws {
        var options = ListenStage.Options()
        options.host = host
        options.port = port
        options.certificate = certificate
        options.key = key
        options.plainNetwork = plainNetwork
        options.connections = connections
        options.idleSeconds = idleSeconds
        options.messageSeconds = messageSeconds
        options.messageBytes = messageBytes
        options.acceptsGaps = acceptGaps
        let result = try ListenStage.run(
            store: store, feed: feed, options: options, events: console.events(stop: stop))
        console.result(json ? result.json : result.text)
        throw stopped(console, "Stopped listening.")
    }
}
