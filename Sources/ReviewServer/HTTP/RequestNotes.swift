internal import Synchronization

/// What the log says of one request, gathered on its way.
final class RequestNotes: Sendable {
    struct Values: Sendable {
        var route = "-"
        var account: String?
        var event: String?
        var code: String?
    }

    /// The id under which an error page and the log have this request.
    let id: String
    private let values = Mutex(Values())

    init() {
        id = RandomToken.make(bytes: 9)
    }

    /// What was gathered.
    var current: Values { values.withLock { $0 } }

    /// The route's pattern; never the address itself, which may hold a token.
    func set(route: String) { values.withLock { $0.route = route } }
    /// The account's key.
    func set(account: String) { values.withLock { $0.account = account } }
    /// A security event's name, such as `log-in.failed`.
    func set(event: String) { values.withLock { $0.event = event } }
    /// The refusal's code.
    func set(code: String) { values.withLock { $0.code = code } }
}

/// Random texts that nobody can guess.
enum RandomToken {
    /// Base64url of so many bytes from the system's secure source.
    static func make(bytes count: Int) -> String {
        var source = SystemRandomNumberGenerator()
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &source) }
        return Base64URL.text(bytes)
    }
}

/// Base64url without padding.
///
/// RFC 4648, section 5.
enum Base64URL {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func text(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let number = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0...group.count { result.append(digits[number >> (18 - 6 * place) & 63]) }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
