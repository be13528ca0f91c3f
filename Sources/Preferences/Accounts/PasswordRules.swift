internal import Diagnostics
internal import StrictJSON

/// What a password must not be: short, or made of what everybody would try first.
///
/// Length rather than kinds of characters, as NIST SP 800-63B (section 5.1.1.2) and OWASP ASVS 5.0 (6.2) ask for.
enum PasswordRules {
    /// The least number of characters.
    static let least = 12
    /// The most bytes.
    static let mostBytes = 1024
    /// Words that count for nothing in a password, besides the account's own name.
    static let worthless = [
        "overread", "password", "passwort", "radiology", "radiologie", "radiologist", "hospital", "welcome",
        "letmein", "changeme", "qwertyuiop", "qwertzuiop", "qwerty", "qwertz", "asdfghjkl", "administrator", "admin",
    ]

    static func check(_ password: String, name: String) throws(Refusal) {
        let count = password.count
        guard count >= least else {
            throw refused(
                "too-short", "\(count) characters; \(least) or more are needed", mend: "take several words of your own")
        }
        guard password.utf8.count <= mostBytes, !password.holdsNUL else {
            throw refused(
                "too-long", "\(password.utf8.count) bytes; at most \(mostBytes) without NUL are allowed",
                mend: "shorten it")
        }
        var left = password.lowercased()
        let parts = name.split(whereSeparator: { ".@_-".contains($0) }).filter { $0.count >= 3 }.map(String.init)
        for word in ([name] + parts + worthless).sorted(by: { $0.count > $1.count }) {
            left = left.split(separator: word.lowercased(), omittingEmptySubsequences: true).joined()
        }
        let scalars = left.unicodeScalars.map { Int($0.value) }
        let steps = zip(scalars, scalars.dropFirst()).map { $1 - $0 }
        let isRun = !steps.isEmpty && Double(steps.count { abs($0) <= 1 }) > 0.7 * Double(steps.count)
        guard scalars.count >= 8, Set(scalars).count >= 5, !isRun else {
            throw refused(
                "too-easy",
                "it repeats or counts up few characters, or is built of the account's name or of words that are tried first",
                mend: "take several words of your own that do not belong together")
        }
    }

    private static func refused(_ code: String, _ problem: String, mend: String) -> Refusal {
        Refusal(code: "password.\(code)", at: "password", problem, mend: mend)
    }
}
