internal import CKernels
internal import Glibc
internal import Synchronization

/// Threads that wait for work of a few microseconds and more, and keep the priority of the process.
///
/// Dispatch would do the same, but it gives its threads a priority of its own, so that `nice` has no effect on them, and
/// takes longer to wake them than many of our operations last. Here a thread that has just worked looks for the next
/// piece for a while before it goes to sleep.
final class ThreadPool: @unchecked Sendable {
    /// How often a waiting thread looks before it sleeps: some tens of microseconds.
    private static let looks = 4_000

    /// Threads beside the caller's; fixed once the pool is made.
    private var helpers = 0
    /// Counts the pieces of work; a helper that sees a new number begins.
    private let round = Atomic<Int>(0)
    private let unfinished = Atomic<Int>(0)
    private let sleepers = Atomic<Int>(0)
    /// The work of the present round; written before `round` rises, read after.
    private var body: ((Int) -> Void)?
    /// Held by the caller for a whole round: rounds of different callers follow each other.
    private let turn = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let bed = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let alarm = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    private static let pools = Mutex<[Int: ThreadPool]>([:])

    /// The pool in which `count` threads work, the caller's included; nil for one.
    ///
    /// Pools last as long as the process.
    static func of(_ count: Int) -> ThreadPool? {
        guard count > 1 else { return nil }
        return pools.withLock { pools in
            if let pool = pools[count] { return pool }
            let pool = ThreadPool(helpers: count - 1)
            pools[count] = pool
            return pool
        }
    }

    private init(helpers wanted: Int) {
        pthread_mutex_init(turn, nil)
        pthread_mutex_init(bed, nil)
        pthread_cond_init(alarm, nil)
        for index in 1...wanted {
            let start = Unmanaged.passRetained(Start(pool: self, index: index))
            var thread = pthread_t()
            let status = pthread_create(
                &thread, nil,
                { argument in
                    guard let argument else { return nil }
                    let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                    start.pool.work(start.index)
                    return nil
                }, start.toOpaque())
            guard status == 0 else {
                start.release()
                break
            }
            pthread_detach(thread)
            helpers += 1
        }
    }

    private final class Start {
        let pool: ThreadPool
        let index: Int

        init(pool: ThreadPool, index: Int) {
            self.pool = pool
            self.index = index
        }
    }

    /// Runs `body(0)` … `body(count - 1)`, each on one thread, and returns when all have ended.
    ///
    /// `count` is at most the pool's. The body must not use the pool itself.
    func run(_ count: Int, _ body: (Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            pthread_mutex_lock(turn)
            defer { pthread_mutex_unlock(turn) }
            // A machine that refused some of the threads still does all of the work.
            let helpers = self.helpers
            self.body = { index in
                guard index < count else { return }
                for part in stride(from: index, to: count, by: helpers + 1) { body(part) }
            }
            unfinished.store(helpers, ordering: .relaxed)
            round.wrappingAdd(1, ordering: .sequentiallyConsistent)
            if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
                pthread_mutex_lock(bed)
                pthread_cond_broadcast(alarm)
                pthread_mutex_unlock(bed)
            }
            perform(0)
            var looked = 0
            while unfinished.load(ordering: .acquiring) > 0 {
                looked += 1
                if looked < Self.looks { ck_pause() } else { sched_yield() }
            }
            self.body = nil
        }
    }

    private func work(_ index: Int) {
        var seen = 0
        while true {
            var looked = 0
            while round.load(ordering: .acquiring) == seen {
                looked += 1
                if looked < Self.looks { ck_pause() } else { sleep(after: seen) }
            }
            seen = round.load(ordering: .acquiring)
            perform(index)
            unfinished.wrappingSubtract(1, ordering: .releasing)
        }
    }

    /// A call of its own, so that the thread has let go of the work before it says that it has finished.
    @inline(never)
    private func perform(_ index: Int) { body?(index) }

    /// Sleeps until there is a round after `seen`.
    private func sleep(after seen: Int) {
        pthread_mutex_lock(bed)
        sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
        while round.load(ordering: .sequentiallyConsistent) == seen { pthread_cond_wait(alarm, bed) }
        sleepers.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        pthread_mutex_unlock(bed)
    }
}
