internal import Crypto
internal import Foundation

/// The token of a form that is shown before anybody is logged in: bound to a cookie of that visit, so that no other
/// page can log a browser in as somebody else.
enum VisitToken {
    /// HMAC-SHA256 of a fixed word under the visit's cookie, in base64url.
    static func csrf(of visit: String) -> String {
        Base64URL.text(Array(code(visit)))
    }

    /// Whether a form's token belongs to the visit's cookie; the same time for every wrong one.
    static func matches(_ token: String, visit: String) -> Bool {
        let given = Array(token.utf8)
        let right = Array(csrf(of: visit).utf8)
        guard given.count == right.count else { return false }
        return zip(given, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func code(_ visit: String) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(
            for: Data("overread form".utf8), using: SymmetricKey(data: Data(visit.utf8)))
    }
}
