internal import Synchronization

/// A shared count from zero upwards.
final class AtomicCounter: Sendable {
    private let value = Atomic<Int>(0)

    /// The count before this call; the next call sees one more.
    func increment() -> Int { value.wrappingAdd(1, ordering: .relaxed).oldValue }
}
