import Diagnostics
import Foundation
import Hummingbird
import HummingbirdTesting
import StrictJSON
import Synchronization

@testable import Preferences
@testable import ReviewServer

/// A password that the rules allow.
let goodPassword = "orbit-lantern-quarry-93"

/// Its hash at a cost for tests: hashing is slow on purpose.
private let goodHash = Result {
    try PasswordHash(
        of: goodPassword, forAccount: "somebody", cost: PasswordHash.Cost(rounds: 16, blockSize: 8, parallelism: 1))
}

/// The lines that a server logged.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])
    var log: RequestLog { RequestLog { line in self.lines.withLock { $0.append(line) } } }
    var all: [String] { lines.withLock { $0 } }
}

/// A server over a store of its own in a folder that is removed afterwards.
final class Harness: Sendable {
    let folder: String
    let store: PreferenceStore
    let server: ReviewServer
    let log = LogLines()

    /// - Parameters:
    ///   - pairs: synthetic pairs in the queue.
    ///   - readers: how many readers each is for.
    ///   - moment: where the store's clock stands; nil for one that goes.
    init(
        pairs: Int = 0, readers: Int = 1, text: String = "answer",
        standing moment: UTCTime? = nil, _ change: (inout ServerOptions) -> Void = { _ in }
    ) throws {
        folder = FileManager.default.temporaryDirectory.path + "/overread-review-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        store = try PreferenceStore(
            at: folder + "/store.sqlite", lockPatienceSeconds: 0, now: { moment ?? UTCTime.current() })
        var options = ServerOptions()
        options.port = 0
        change(&options)
        server = try ReviewServer(store, options: options, log: log.log)
        if pairs > 0 {
            _ = try store.createJudgingPairs((1...pairs).map { Self.pair($0, readers: readers, text: text) })
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A synthetic pair; which of its answers a model wrote is said only in its provenance.
    static func pair(_ number: Int, readers: Int = 1, text: String = "answer") -> PairForJudging {
        func answer(_ word: String) -> PromptText {
            .messages([PromptText.Message(role: "assistant", content: "IMPRESSION:\n1. \(word) \(text) \(number).")])
        }
        return PairForJudging(
            prompt: .messages([
                PromptText.Message(
                    role: "user",
                    content: "Write the impression.\n\nIndication: Pain.\nFindings: Finding \(text) \(number).")
            ]),
            first: Candidate(
                text: answer("Plain"), author: .model,
                model: Candidate.Model(base: "secret-base-model", adapter: "secret-adapter")),
            second: Candidate(text: answer("Other"), author: .humanAttending, authorKey: "secret-author"),
            exam: Exam(key: "E\(number)", patient: "P\(number)", modality: "CT", bodyPart: "head"),
            readersWanted: readers)
    }

    /// Makes an account and logs it in, past the slow check of its password.
    func logIn(_ role: Account.Role, as name: String? = nil) throws -> NewSession {
        let name = name ?? "\(role.rawValue)-\(UUID().uuidString.prefix(8).lowercased())"
        _ = try store.createAccount(name: name, displayName: name, role: role)
        let link = try store.makeSetUpLink(account: name)
        return try store.finishSetUp(token: link.token, password: goodHash.get(), address: nil)
    }

    /// Runs a test against the router, without a socket.
    func test(_ body: @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        try await server.application().test(.router, body)
    }

    /// Runs a test against a socket on a free port.
    func live(_ body: @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        try await server.application().test(.live, body)
    }
}
