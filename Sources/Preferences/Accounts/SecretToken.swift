internal import Crypto
internal import Foundation

/// A secret of 256 bits from the system's secure source, shown once as 43 characters of base64url.
///
/// OWASP ASVS 5.0, 7.2.3 asks for 128 bits or more. The store keeps only the SHA-256: whoever reads the file cannot use it.
struct SecretToken {
    /// What the person or the browser keeps.
    let text: String

    /// Draws a new one.
    init() {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<4).flatMap { _ in ContentDigest.bigEndian(generator.next()) }
        text = Self.base64URL(bytes)
    }

    /// SHA-256 of the text, 32 bytes: the key under which the store knows it.
    var digest: Data { Self.digest(of: text) }

    static func digest(of text: String) -> Data { Data(SHA256.hash(data: Array(text.utf8))) }

    /// Base64 with `-` and `_` and no padding (RFC 4648, section 5).
    static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }

    /// HMAC-SHA256 of a purpose under the token: a second secret that follows from the first and is stored nowhere.
    static func derived(from token: String, for purpose: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(purpose.utf8), using: SymmetricKey(data: Array(token.utf8)))
        return base64URL(Array(code))
    }
}

/// Compares secrets in a time that depends on their lengths only.
func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}
