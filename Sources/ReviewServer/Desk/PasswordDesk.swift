internal import Diagnostics
internal import Dispatch
internal import Foundation
internal import Synchronization

/// Where passwords are hashed: two at once, since each takes 128 MiB and half a second; a few wait, more are sent away.
final class PasswordDesk: Sendable {
    /// So many may be hashed or wait at once.
    static let places = 10

    private let queue: OperationQueue = {
        let queue = OperationQueue()
        queue.name = "overread.passwords"
        queue.maxConcurrentOperationCount = 2
        return queue
    }()
    private let taken = Mutex(0)

    /// Does one costly computation away from all other work.
    ///
    /// - Throws: `login.busy` when too many wait.
    func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let hasPlace = taken.withLock { taken in
            guard taken < Self.places else { return false }
            taken += 1
            return true
        }
        guard hasPlace else {
            throw Refusal(
                .environment, code: "login.busy", at: "log-in", "too many people are logging in at this moment",
                mend: "try again in a few seconds")
        }
        defer { taken.withLock { $0 -= 1 } }
        return try await withCheckedThrowingContinuation { continuation in
            queue.addOperation {
                continuation.resume(with: Result { try work() })
            }
        }
    }
}
