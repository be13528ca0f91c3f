public import Diagnostics
internal import Foundation
internal import HTTPTypes

/// How the review page is served.
public struct ServerOptions: Sendable, Equatable {
    /// A certificate and its key, both PEM files.
    public struct Certificate: Sendable, Equatable {
        /// The certificate chain's file, the server's own first.
        public var chain: String
        /// The private key's file, unencrypted, readable by this account only.
        public var key: String

        /// Names the two files.
        public init(chain: String, key: String) {
            self.chain = chain
            self.key = key
        }
    }

    /// The address to listen on.
    public var host = "127.0.0.1"
    /// The port; 0 lets the system choose one.
    public var port = 8350
    /// Names under which the page may be asked for, besides those of this machine's loopback.
    public var names: [String] = []
    /// For HTTPS; nil for plain HTTP.
    public var certificate: Certificate?
    /// Whether a reverse proxy on the way does TLS and adds the client's address to `X-Forwarded-For`.
    public var isBehindProxy = false
    /// The folder that backups are written into; nil for none.
    public var backups: String?
    /// The file of the house's conventions, for hints; nil for none.
    public var conventions: String?
    /// The address of a study in the department's viewer, with `{exam}` for the examination's key; nil for none.
    public var viewer: String?
    /// The department's name, for the page's title bar.
    public var department: String?
    /// A session is over after so many seconds without a request.
    public var idleSeconds = 900
    /// A session is over after so many seconds in any case.
    public var sessionSeconds = 28_800
    /// For how long a case is kept for a reader.
    public var leaseSeconds = 900
    /// What one connection may take.
    public var limits = ConnectionLimits()

    /// Makes the settings of a page for this machine alone.
    public init() {}

    /// Whether browsers see HTTPS, so that cookies can be bound to it.
    var isSecure: Bool { certificate != nil || isBehindProxy }

    /// Whether only programs on this machine can connect.
    var isLoopback: Bool { ["127.0.0.1", "::1", "localhost"].contains(host) }

    /// Refuses settings that would lay reports open or cannot work.
    ///
    /// - Throws: `serve.plain-http`, `serve.no-name`, `serve.bad-name`, `serve.bad-port`, `serve.open-key`,
    ///   `serve.no-folder`.
    public func check() throws(Refusal) {
        guard (0...65_535).contains(port) else {
            throw Refusal(
                code: "serve.bad-port", at: "--port", "\(port) is no port; 0 to 65535 are", mend: "give another")
        }
        guard isLoopback || isSecure else {
            throw Refusal(
                code: "serve.plain-http", at: "--host",
                "other machines could connect without encryption; reports and passwords would be open to the network",
                mend: "give --certificate and --key, or --behind-proxy where a reverse proxy does TLS")
        }
        guard isLoopback && !isBehindProxy || !names.isEmpty else {
            throw Refusal(
                code: "serve.no-name", at: "--name",
                "requests are answered only under the names of this server, and none is given",
                mend: "give the name in the browser's address line, for example --name review.hospital.example")
        }
        for name in names where !HostNames.isName(name) {
            throw Refusal(
                code: "serve.bad-name", at: "--name",
                "not a host name or address; a port or scheme does not belong to it",
                mend: "give the name alone")
        }
        if let certificate { try Self.checkKey(certificate.key) }
        if let backups {
            let type = (try? FileManager.default.attributesOfItem(atPath: backups))?[.type] as? FileAttributeType
            guard type == .typeDirectory else {
                throw Refusal(
                    .environment, code: "serve.no-folder", at: backups, "there is no such folder for backups",
                    mend: "make it, with mode 0700")
            }
        }
    }

    /// Refuses a store that other accounts of this machine may read or write.
    ///
    /// - Throws: `serve.open-store`.
    public static func checkStore(_ path: String) throws(Refusal) {
        for file in [path, path + "-wal", path + ".key"] {
            guard let mode = permissions(file), mode & 0o077 != 0 else { continue }
            throw Refusal(
                .environment, code: "serve.open-store", at: file,
                "other accounts of this machine may open it (mode 0\(String(mode, radix: 8)))",
                mend: "chmod 600 it")
        }
    }

    private static func checkKey(_ path: String) throws(Refusal) {
        guard let mode = permissions(path), mode & 0o077 != 0 else { return }
        throw Refusal(
            .environment, code: "serve.open-key", at: path,
            "other accounts of this machine may read the private key (mode 0\(String(mode, radix: 8)))",
            mend: "chmod 600 it")
    }

    private static func permissions(_ path: String) -> Int? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.posixPermissions] as? NSNumber)?.intValue
    }
}

/// What one connection may take.
public struct ConnectionLimits: Sendable, Equatable {
    /// All header fields of a request together, in bytes.
    public var headBytes = 16_384
    /// The greatest body, in bytes.
    public var bodyBytes = 393_216
    /// So long a connection may do nothing, or take to send a request's head.
    public var idleSeconds = 15.0
    /// So long a whole request may take to arrive.
    public var requestSeconds = 10.0
    /// Connections at once; more wait.
    public var connections = 256

    /// Makes the usual limits.
    public init() {}
}
