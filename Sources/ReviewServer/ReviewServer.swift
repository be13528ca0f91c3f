internal import Conventions
public import Diagnostics
internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import Logging
internal import NIOCore
internal import NIOSSL
internal import Preferences
internal import StrictJSON

/// The review page: a web server over one preference store.
public struct ReviewServer: Sendable {
    /// Where the server can be reached once it listens.
    public struct Address: Sendable, Equatable {
        /// The page's address, such as `http://127.0.0.1:8350`.
        public let url: String
        /// The one-time link with which the first administrator sets a password; nil when there is one already.
        public let setUpLink: String?

        /// Both as one JSON object.
        public var json: String {
            JSONValue.object(["url": .string(url), "set_up_link": JSONValue(setUpLink)]).serialized()
        }
    }

    let services: ReviewServices

    /// Opens the store and makes a server that does not listen yet.
    ///
    /// - Parameters:
    ///   - path: the store, which is there and which nobody but this account may open.
    ///   - options: how the page is served.
    ///   - log: where each request is written.
    /// - Throws: what ``ServerOptions/check()`` refuses, `serve.no-store`, `serve.open-store`, and the refusals of stores
    ///   and conventions.
    public init(store path: String, options: ServerOptions, log: RequestLog) throws(Refusal) {
        try options.check()
        guard FileManager.default.fileExists(atPath: path) else {
            throw Refusal(
                code: "serve.no-store", at: path, "there is no store",
                mend: "make one with overread import, or correct the name")
        }
        try ServerOptions.checkStore(path)
        try self.init(PreferenceStore(at: path), options: options, log: log)
    }

    /// Makes a server over a store that is open.
    init(_ store: PreferenceStore, options: ServerOptions, log: RequestLog) throws(Refusal) {
        let conventions = try options.conventions.map { path throws(Refusal) in try ConventionSet.load(path: path) }
        services = ReviewServices(
            options: options, names: HostNames(options.names), cookies: Cookies(isSecure: options.isSecure),
            desk: StoreDesk(store), passwords: PasswordDesk(), log: log, firstLink: FirstLink(),
            checker: conventions.map(ConventionChecker.init),
            viewer: try options.viewer.map { template throws(Refusal) in try ViewerLink(template) },
            notices: NoticeBoard())
    }

    /// Listens until it is told to stop by SIGTERM or SIGINT; requests in hand are finished, then the store is closed.
    ///
    /// - Parameter onListening: told the address once.
    /// - Throws: `serve.cannot-listen`, `serve.bad-certificate`.
    public func run(onListening: @escaping @Sendable (Address) -> Void) async throws(Refusal) {
        let setUpToken = try openFirstLink()
        let services = self.services
        let application = try application { channel in
            let url = Self.url(services.options, port: channel.localAddress?.port ?? services.options.port)
            services.log.event("server.listening", ["url": .string(url)])
            onListening(Address(url: url, setUpLink: setUpToken.map { "\(url)/setup?token=\($0)" }))
        }
        do {
            try await application.runService()
        } catch {
            try? services.desk.store.close()
            throw Refusal(
                .environment, code: "serve.cannot-listen", at: "\(services.options.host):\(services.options.port)",
                "the address is in use, or this account may not listen there",
                mend: "stop the other program, or give another --port")
        }
        try services.desk.store.close()
        services.log.event("server.stopped")
    }

    /// Opens the first administrator's link where there is none who can log in.
    func openFirstLink() throws(Refusal) -> String? {
        let isThere = try services.desk.store.accounts().contains {
            $0.role == .administrator && $0.hasPassword && !$0.isDisabled
        }
        return isThere ? nil : services.firstLink.open()
    }

    /// The framework's application.
    func application(
        onListening: @escaping @Sendable (any Channel) async -> Void = { _ in }
    ) throws(Refusal) -> Application<ReviewResponder> {
        let (options, limits) = (services.options, services.options.limits)
        var server = HTTPServerBuilder.http1(
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [
                    RequestDeadline(seconds: limits.requestSeconds, greatestBody: limits.bodyBytes * 8)
                ],
                idleTimeout: .milliseconds(Int64(limits.idleSeconds * 1000)),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headBytes, maxHeaderListSize: limits.headBytes,
                    maxHeaderFieldCount: 100)))
        if let certificate = options.certificate {
            let plain = server
            server = try Self.readingCertificate(certificate) { configuration in
                try .tls(plain, tlsConfiguration: configuration)
            }
        }
        return Application(
            responder: ReviewResponder(services: services, table: RouteTable(ReviewRoutes.all)), server: server,
            configuration: ApplicationConfiguration(
                address: .hostname(options.host, port: options.port), serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections)),
            onServerRunning: onListening,
            logger: Logger(label: "overread", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private static func readingCertificate(
        _ certificate: ServerOptions.Certificate, _ use: (TLSConfiguration) throws -> HTTPServerBuilder
    ) throws(Refusal) -> HTTPServerBuilder {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificate.chain)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: certificate.key, format: .pem)))
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            return try use(configuration)
        } catch {
            throw Refusal(
                code: "serve.bad-certificate", at: certificate.chain,
                "certificate and key cannot be read as PEM, or do not belong together",
                mend: "give the certificate chain and its unencrypted key")
        }
    }

    private static func url(_ options: ServerOptions, port: Int) -> String {
        let scheme = options.certificate == nil ? "http" : "https"
        if options.isBehindProxy, let name = options.names.first { return "https://\(name)" }
        let host = options.isLoopback ? options.host : options.names.first ?? options.host
        return "\(scheme)://\(host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host):\(port)"
    }
}
