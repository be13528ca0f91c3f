internal import Diagnostics
internal import Dispatch
internal import Preferences
internal import Synchronization

/// The one place where the store is used: changes one after the other on a thread of its own, longer readings beside it.
///
/// The store's calls wait for the disk, so none is made on a network thread. Changes that wait at the same moment are made
/// in one transaction and made durable together; each is answered only after that, and one that is refused takes nothing
/// with it but its own doing.
final class StoreDesk: Sendable {
    /// One change that waits.
    private struct Job: Sendable {
        /// Does it; gives the refusal that takes its doing back.
        let attempt: @Sendable (PreferenceStore) -> Refusal?
        /// Tells the outcome once it is on the disk: nil after a commit, the refusal after a rollback.
        let finish: @Sendable (Refusal?) -> Void
    }

    /// So many changes are made durable together at most.
    static let greatestGroup = 64

    let store: PreferenceStore
    private let waiting = Mutex<[Job]>([])
    private let changes = DispatchQueue(label: "overread.store.changes", qos: .userInitiated)
    private let readings = DispatchQueue(label: "overread.store.readings", qos: .utility)

    init(_ store: PreferenceStore) {
        self.store = store
    }

    /// Does work that may change the store, after all that came before it; what it did is on the disk when this returns.
    func change<Value: Sendable>(
        _ work: @escaping @Sendable (PreferenceStore) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let shared = Outcome<Value>()
            let job = Job(
                attempt: { store in
                    let result = Result { try work(store) }
                    shared.result.withLock { $0 = result }
                    guard case .failure(let error) = result else { return nil }
                    return error as? Refusal ?? Self.failed
                },
                finish: { refusal in
                    let result = shared.result.withLock { $0 }
                    switch result {
                    case .failure(let error): continuation.resume(throwing: error)
                    case .success(let value) where refusal == nil: continuation.resume(returning: value)
                    case .success, nil: continuation.resume(throwing: refusal ?? Self.failed)
                    }
                })
            waiting.withLock { $0.append(job) }
            changes.async { self.drain() }
        }
    }

    /// Does work in transactions of its own: what it keeps stays although it is refused in the end, as a wrong log-in's
    /// record does.
    func changeAlone<Value: Sendable>(
        _ work: @escaping @Sendable (PreferenceStore) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            changes.async { continuation.resume(with: Result { try work(self.store) }) }
        }
    }

    /// Does a longer reading, on which no change has to wait.
    func reading<Value: Sendable>(
        _ work: @escaping @Sendable (PreferenceStore) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            readings.async { continuation.resume(with: Result { try work(self.store) }) }
        }
    }

    /// Makes what waits now; another call may have done so already.
    private func drain() {
        let jobs = waiting.withLock { waiting in
            let jobs = Array(waiting.prefix(Self.greatestGroup))
            waiting.removeFirst(jobs.count)
            return jobs
        }
        guard jobs.count > 1 else {
            for job in jobs { job.finish(job.attempt(store)) }
            return
        }
        let works: [() throws -> Void] = jobs.map { job in
            return { if let refusal = job.attempt(self.store) { throw refusal } }
        }
        do throws(Refusal) {
            let refusals = try store.together(works)
            for (job, refusal) in zip(jobs, refusals) { job.finish(refusal) }
        } catch {
            for job in jobs { job.finish(error) }
        }
    }

    private static let failed = Refusal(
        .ourBug, code: "server.failed", at: "store", "a change failed in a way that is not known", mend: "report it")
}

/// What a change gave, until it is known to be on the disk.
private final class Outcome<Value: Sendable>: Sendable {
    let result = Mutex<Result<Value, any Error>?>(nil)
}
