import Foundation
import Synchronization

@testable import Preferences

/// Splitmix64: a stream of 64 even bits that follows from its seed.
final class SeededBits: Sendable {
    private let state: Mutex<UInt64>

    init(_ seed: UInt64) { state = Mutex(seed) }

    func next() -> UInt64 {
        state.withLock { state in
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    /// A number below a bound.
    func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

extension PasswordHash.Cost {
    /// A cost that lets tests log in hundreds of times.
    static let cheap = PasswordHash.Cost(rounds: 16, blockSize: 8, parallelism: 1)
}

/// A password that the rules allow.
let goodPassword = "three lame camels sing"

extension Scratch {
    /// A store whose clock the test moves and whose draws follow from a seed.
    func reviewStore(_ clock: Clock = Clock(), seed: UInt64 = 1, readers: [String] = ["a", "b", "c"]) throws
        -> PreferenceStore
    {
        let bits = SeededBits(seed)
        let store = try PreferenceStore(
            at: path("review.sqlite"), actor: "tester", lockPatienceSeconds: 0, now: { clock.now },
            randomness: { bits.next() })
        for key in readers { try store.register(Reviewer(key: key, credential: .attending)) }
        return store
    }
}

extension PreferenceStore {
    /// Makes an account with a password.
    @discardableResult
    func makeAccount(
        _ name: String, _ role: Account.Role = .reviewer, password: String = goodPassword
    ) throws -> NewSession {
        _ = try createAccount(name: name, displayName: "Person \(name)", role: role)
        let token = try makeSetUpLink(account: name).token
        return try finishSetUp(
            token: token, password: PasswordHash(of: password, forAccount: name, cost: .cheap), address: nil)
    }

    /// One try to log in; nil when it has to wait.
    func tryLogIn(_ name: String, _ password: String, address: String? = nil) throws -> NewSession? {
        switch try beginLogIn(name: name, address: address, cost: .cheap) {
        case .wait: return nil
        case .attempt(let attempt): return try finishLogIn(attempt.check(password), address: address)
        }
    }

    /// Answers the reader's next case of a page.
    @discardableResult
    func answer(
        _ kind: ReviewKind, _ reader: String, prefers: String? = nil, _ choice: Judgement.Choice = .bothGood,
        active: Int? = nil
    ) throws -> Presentation? {
        guard let shown = try nextCase(kind, for: reader) else { return nil }
        var choice = choice
        if let prefers { choice = shown.left.plainText.hasPrefix(prefers) ? .left : .right }
        let judgement = Judgement(choice, circumstances: .init(activeMilliseconds: active))
        _ = try record(judgement, on: shown.id, by: reader)
        return shown
    }
}
