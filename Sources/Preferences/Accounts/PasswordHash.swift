internal import Crypto
internal import CryptoExtras
public import Diagnostics
internal import Foundation

/// A password as the store keeps it: an HMAC-SHA256 under its scrypt key (RFC 7914), with salt and cost.
///
/// The HMAC of a fixed word stands for the scrypt key, whose bytes the library hands out only through raw memory.
/// Making and checking one takes about half a second and 128 MiB: never on the thread that serves the store.
public struct PasswordHash: Sendable, Equatable {
    /// How dear a guess is.
    struct Cost: Sendable, Equatable {
        /// N, a power of two.
        var rounds: Int
        /// r.
        var blockSize: Int
        /// p.
        var parallelism: Int

        /// The first of the OWASP Password Storage Cheat Sheet's settings for scrypt: N = 2^17, r = 8, p = 1.
        static let current = Cost(rounds: 1 << 17, blockSize: 8, parallelism: 1)
    }

    let key: [UInt8]
    let salt: [UInt8]
    let cost: Cost

    init(key: [UInt8], salt: [UInt8], cost: Cost) {
        self.key = key
        self.salt = salt
        self.cost = cost
    }

    /// Hashes a new password with a salt of its own.
    ///
    /// - Parameters:
    ///   - password: what its owner chose; Unicode's canonical forms count as one.
    ///   - name: the account's log-in name, which the password may not be built of.
    /// - Throws: `password.too-short`, `password.too-long`, `password.too-easy`.
    public init(of password: String, forAccount name: String) throws(Refusal) {
        try self.init(of: password, forAccount: name, cost: .current)
    }

    init(of password: String, forAccount name: String, cost: Cost) throws(Refusal) {
        try PasswordRules.check(password, name: name)
        guard let hash = Self.derive(password, salt: Self.newSalt(), cost: cost) else { throw Self.failed }
        self = hash
    }

    /// What a name that does not exist is checked against, so that it takes the time of one that does.
    static func decoy(cost: Cost) -> PasswordHash {
        PasswordHash(key: [UInt8](repeating: 0, count: 32), salt: newSalt(), cost: cost)
    }

    /// Whether this is the password; takes as long either way.
    func matches(_ password: String) -> Bool {
        guard let other = Self.derive(password, salt: salt, cost: cost) else { return false }
        return constantTimeEqual(other.key, key)
    }

    /// The key of a password; nil when the library cannot have the memory.
    static func derive(_ password: String, salt: [UInt8], cost: Cost) -> PasswordHash? {
        let bytes = Array(password.precomposedStringWithCanonicalMapping.utf8)
        // The library wants at least one byte; no password that is kept is empty.
        let key = try? KDF.Scrypt.deriveKey(
            from: bytes.isEmpty ? [0] : bytes, salt: salt, outputByteCount: 32, rounds: cost.rounds,
            blockSize: cost.blockSize, parallelism: cost.parallelism)
        guard let key else { return nil }
        let code = HMAC<SHA256>.authenticationCode(for: Array("overread password v1".utf8), using: key)
        return PasswordHash(key: Array(code), salt: salt, cost: cost)
    }

    private static func newSalt() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).flatMap { _ in ContentDigest.bigEndian(generator.next()) }
    }

    private static var failed: Refusal {
        Refusal(
            .environment, code: "password.no-memory", at: "password",
            "there were not 128 MiB of memory to hash it with", mend: "try again, or give the machine more memory")
    }
}
