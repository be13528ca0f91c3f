import ClinicalMessages
import Crypto
import Diagnostics
import FoundationEssentials

/// The site's secret, under which identifiers become keys: HMAC-SHA256 (RFC 2104, FIPS 198-1).
///
/// It lies beside the store as `<store>.key`, mode 0600, 64 hexadecimal digits. With it an identifier that is guessed can
/// be tried, so it is kept as carefully as the store; without it later reports get other keys and find no draft.
struct IdentifierSecret: Sendable {
    private let bytes: [UInt8]

    /// Where a store's secret lies.
    static func path(forStore store: String) -> String { store + ".key" }

    /// A new secret from the system's random numbers, which nothing remembers until it is kept.
    static func fresh() -> IdentifierSecret {
        var generator = SystemRandomNumberGenerator()
        return IdentifierSecret(bytes: (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    /// The secret of a store, or nil where none was made yet.
    ///
    /// - Throws: `secret.open` when others may read it, `secret.malformed`.
    static func load(forStore store: String) throws(Refusal) -> IdentifierSecret? {
        let path = path(forStore: store)
        guard TextFile.exists(path) else { return nil }
        let mode = (try? FileManager.default.attributesOfItem(atPath: path))?[.posixPermissions] as? Int ?? 0
        guard mode & 0o077 == 0 else {
            throw Refusal(
                .environment, code: "secret.open", at: path, "others than its owner may read or write it",
                mend: "run chmod 600 on it, and ask who could have read it")
        }
        let text = try TextFile.read(path, code: "secret", limit: 4096)
        let digits = text.utf8.filter { $0 != 0x0A && $0 != 0x0D }
        let values = digits.compactMap { byte -> UInt8? in
            switch byte {
            case 0x30...0x39: byte - 0x30
            case 0x61...0x66: byte - 0x61 + 10
            default: nil
            }
        }
        guard digits.count == 64, values.count == 64 else {
            throw Refusal(
                code: "secret.malformed", at: path, "no 64 hexadecimal digits in small letters",
                mend: "put the file back from where its copy is kept")
        }
        return IdentifierSecret(bytes: stride(from: 0, to: 64, by: 2).map { values[$0] << 4 | values[$0 + 1] })
    }

    /// Writes it beside a store; the file is there whole or not at all.
    func keep(forStore store: String) throws(Refusal) {
        let path = Self.path(forStore: store)
        let partial = path + ".partial"
        let manager = FileManager.default
        do {
            try? manager.removeItem(atPath: partial)
            guard
                manager.createFile(
                    atPath: partial, contents: Data((Self.hex(bytes) + "\n").utf8),
                    attributes: [.posixPermissions: 0o600])
            else { throw CocoaError(.fileWriteNoPermission) }
            try manager.setAttributes([.posixPermissions: 0o600], ofItemAtPath: partial)
            try manager.moveItem(atPath: partial, toPath: path)
        } catch {
            try? manager.removeItem(atPath: partial)
            throw Refusal(
                .environment, code: "secret.not-written", at: path, "the secret could not be written",
                mend: "check the permissions and the room of the store's folder")
        }
    }

    /// The keys of identifiers under this secret: the kind, a hyphen, and 32 hexadecimal digits of the HMAC.
    var keys: IdentifierKeys {
        let secret = SymmetricKey(data: bytes)
        return IdentifierKeys(
            key: { kind, authority, value in
                // Each part goes in with its length, so that no two identifiers give the same bytes.
                let message = [kind.rawValue, authority, value].flatMap { Array("\($0.utf8.count):\($0)".utf8) }
                let code = HMAC<SHA256>.authenticationCode(for: message, using: secret)
                return "\(kind.rawValue)-\(Self.hex(code.prefix(16)))"
            }, digest: { Self.hex(SHA256.hash(data: $0)) })
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
