internal import Diagnostics
internal import NIOSSL

/// The listener's side of TLS, version 1.2 or later.
enum ListenerTLS {
    /// The context of a certificate.
    ///
    /// - Throws: `listen.certificate` for files that are no certificate chain and key, or that do not belong together.
    static func context(_ certificate: ListenerSettings.Certificate) throws(Refusal) -> NIOSSLContext {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificate.chain)
            let key = try NIOSSLPrivateKey(file: certificate.key, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            configuration.minimumTLSVersion = .tlsv12
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw Refusal(
                .environment, code: "listen.certificate", at: certificate.chain,
                "the certificate and its key could not be read, or do not belong together",
                mend: "give a PEM certificate chain with --certificate and its PEM key without a passphrase with --key")
        }
    }
}
