import ArgumentParser
import Diagnostics
import Dispatch
import Foundation
import ReviewServer
import Synchronization

/// `overread serve --store PATH`.
struct ServeCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the page on which reviewers judge and correct.",
        discussion: """
            Without options only this machine can connect. The first start prints a one-time link with which the first \
            administrator sets a password; the others get links from there. For a department's network give \
            --certificate and --key, or put a reverse proxy with TLS in front and give --behind-proxy; --name says \
            under which names the page may be asked for. The log, one JSON object a line on standard error, holds no \
            report text and no names. docs/review-server.md says more.

            SIGTERM or Ctrl-C ends it: requests in hand are finished and the store is closed.

            Example:
              overread serve --store store.sqlite
            """)

    @Option(help: ArgumentHelp("The store to serve; it is held until the server ends.", valueName: "path"))
    var store: String

    @Option(help: ArgumentHelp("The address to listen on.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(help: ArgumentHelp("The port; 0 takes a free one.", valueName: "number"))
    var port = 8350

    @Option(help: ArgumentHelp("A name under which the page may be asked for; may be given again.", valueName: "name"))
    var name: [String] = []

    @Option(help: ArgumentHelp("The certificate chain for TLS, a PEM file.", valueName: "file"))
    var certificate: String?

    @Option(help: ArgumentHelp("The certificate's private key, a PEM file of mode 0600.", valueName: "file"))
    var key: String?

    @Flag(help: "A reverse proxy does TLS and sets X-Forwarded-For.")
    var behindProxy = false

    @Option(help: ArgumentHelp("A folder that the administrator's backups go to.", valueName: "folder"))
    var backups: String?

    @Option(help: ArgumentHelp("The conventions that hints are made of, a YAML file.", valueName: "file"))
    var conventions: String?

    @Option(help: ArgumentHelp("A study's address in the viewer, with {exam} for its key.", valueName: "address"))
    var viewer: String?

    @Option(help: ArgumentHelp("The department's name, for the page's title.", valueName: "text"))
    var department: String?

    @Option(help: ArgumentHelp("A session ends after so long without a request.", valueName: "minutes"))
    var idleMinutes = 15

    @Option(help: ArgumentHelp("A session ends after so long in any case.", valueName: "hours"))
    var sessionHours = 8

    @Flag(help: "Write the address as one JSON object.")
    var json = false

    func validate() throws {
        guard (certificate == nil) == (key == nil) else {
            throw ValidationError("--certificate and --key belong together")
        }
        guard (1...1440).contains(idleMinutes), (1...24).contains(sessionHours) else {
            throw ValidationError("--idle-minutes is 1 to 1440, --session-hours 1 to 24")
        }
    }

    func execute(_ console: Console, stop: StopRequest) throws {
        let server = try ReviewServer(store: store, options: options, log: .standardError())
        let ended = Ending()
        let json = self.json
        Task {
            do throws(Refusal) {
                try await server.run { Self.announce($0, json: json) }
            } catch {
                ended.refusal.withLock { $0 = error }
            }
            ended.signal.signal()
        }
        ended.signal.wait()
        if let refusal = ended.refusal.withLock({ $0 }) { throw refusal }
        console.say("Stopped; the store is closed.")
    }

    private var options: ServerOptions {
        var options = ServerOptions()
        options.host = host
        options.port = port
        options.names = name
        if let certificate, let key { options.certificate = ServerOptions.Certificate(chain: certificate, key: key) }
        options.isBehindProxy = behindProxy
        options.backups = backups
        options.conventions = conventions
        options.viewer = viewer
        options.department = department
        options.idleSeconds = idleMinutes * 60
        options.sessionSeconds = sessionHours * 3600
        return options
    }

    /// Says where the page is, at once: a reader of a pipe waits for it.
    private static func announce(_ address: ReviewServer.Address, json: Bool) {
        var text = "The page is at \(address.url)\n"
        if let link = address.setUpLink {
            text += "There is no administrator yet. This link works once, for a day:\n\(link)\n"
        }
        try? FileHandle.standardOutput.write(contentsOf: Data((json ? address.json + "\n" : text).utf8))
    }
}

/// How the server's run ended, told across threads.
private final class Ending: Sendable {
    let refusal = Mutex<Refusal?>(nil)
    let signal = DispatchSemaphore(value: 0)
}
