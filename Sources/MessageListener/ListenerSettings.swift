public import Diagnostics

/// Where a listener listens, and what it allows.
public struct ListenerSettings: Sendable {
    /// A certificate chain and its private key, both PEM files.
    public struct Certificate: Sendable, Equatable {
        /// The chain, the server's own certificate first.
        public var chain: String
        /// The private key.
        public var key: String

        /// Makes a pair of paths.
        public init(chain: String, key: String) {
            self.chain = chain
            self.key = key
        }
    }

    /// The address or name to bind.
    public var host: String
    /// The port, 0 to 65,535; 0 lets the system choose.
    public var port: Int
    /// TLS with this certificate; nil for plain connections.
    public var certificate: Certificate?
    /// Whether plain connections from other machines are wanted.
    public var allowsPlainNetwork: Bool
    /// The most connections at once; one more is closed at once.
    public var maximumConnections: Int
    /// Seconds that a connection may go without finishing a unit before it is closed.
    public var idleSeconds: Double
    /// Seconds from a unit's first byte to its last before the connection is closed.
    public var unitSeconds: Double

    /// Makes settings; this machine alone is listened to unless told otherwise.
    public init(
        host: String = "127.0.0.1", port: Int, certificate: Certificate? = nil, allowsPlainNetwork: Bool = false,
        maximumConnections: Int = 32, idleSeconds: Double = 600, unitSeconds: Double = 60
    ) {
        self.host = host
        self.port = port
        self.certificate = certificate
        self.allowsPlainNetwork = allowsPlainNetwork
        self.maximumConnections = maximumConnections
        self.idleSeconds = idleSeconds
        self.unitSeconds = unitSeconds
    }

    /// Whether only programs on this machine can reach the host.
    var isLoopback: Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let isV4 = parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
        return isV4 || ["localhost", "::1"].contains(host)
    }

    /// Refuses to carry reports over a network in the clear unless that was asked for.
    ///
    /// - Throws: `listen.plain-network`.
    public func check() throws(Refusal) {
        guard !isLoopback, certificate == nil, !allowsPlainNetwork else { return }
        throw Refusal(
            code: "listen.plain-network", at: "--host",
            "the address can be reached from other machines, and without TLS reports and names would cross the network "
                + "in the clear and anybody could send",
            mend: "give --certificate and --key, or --plain-network where the network itself is protected")
    }
}
