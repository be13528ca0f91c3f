internal import Foundation
internal import Synchronization

/// The link with which the first administrator sets the server up: it works once, for a day, while there is none.
final class FirstLink: Sendable {
    private struct Offer {
        let token: String
        let expires: Date
    }
    private let offer = Mutex<Offer?>(nil)

    /// Makes the link's token.
    func open(lifetimeSeconds: Double = 86_400) -> String {
        let token = RandomToken.make(bytes: 32)
        offer.withLock { $0 = Offer(token: token, expires: Date(timeIntervalSinceNow: lifetimeSeconds)) }
        return token
    }

    /// Whether a token is the link's.
    func isOpen(_ token: String) -> Bool {
        offer.withLock { offer in
            guard let offer, Date() < offer.expires else { return false }
            return Self.same(offer.token, token)
        }
    }

    /// Ends the link.
    func close() { offer.withLock { $0 = nil } }

    /// The same time for every wrong token.
    private static func same(_ a: String, _ b: String) -> Bool {
        let (a, b) = (Array(a.utf8), Array(b.utf8))
        return a.count == b.count && zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
