internal import CKernels
internal import COpenBLAS

/// How many threads an operation may use, and the one way in which this module splits work.
///
/// OpenBLAS itself is told to use one thread: each of our threads calls it on its own part, so the two never compete
/// for the cores. The parts depend only on the number of threads, so the same number gives the same bits.
public struct Workers: Sendable, Equatable {
    /// The number of threads, at least 1.
    public let count: Int
    /// Where the time is recorded, or nil when nobody asked.
    public let profile: ExecutionProfile?
    private let pool: ThreadPool?

    /// Workers on `count` threads, by default one for each processor.
    public init(_ count: Int? = nil, profile: ExecutionProfile? = nil) {
        self.profile = profile
        let processors = Self.processorCount
        self.count = max(1, min(count ?? processors, 256))
        pool = ThreadPool.of(self.count)
        openblas_set_num_threads(1)
    }

    /// The processors that this process may run on.
    public static var processorCount: Int { Int(ck_processor_count()) }

    /// Whether both have the same number of threads.
    public static func == (a: Workers, b: Workers) -> Bool { a.count == b.count }

    /// Runs `body` and, where a profile was asked for, records its time and operations as `kind`.
    ///
    /// - Parameters:
    ///   - kind: what the time is spent on.
    ///   - operations: floating-point operations of the matrix products inside.
    ///   - body: the work.
    public func measure<Value>(
        _ kind: ExecutionProfile.Kind, operations: @autoclosure () -> Int = 0, _ body: () -> Value
    ) -> Value {
        guard let profile else { return body() }
        return profile.measure(kind, operations: Double(operations()), body)
    }

    /// Runs `body(part, parts)` once for each thread, at the same time.
    func run(_ body: (_ part: Int, _ parts: Int) -> Void) {
        guard count > 1 else { return body(0, 1) }
        concurrently(count) { body($0, count) }
    }

    /// Runs `body` on each of `tasks` independent tasks; which thread takes which is decided as they finish.
    func forEachTask(_ tasks: Int, _ body: (_ task: Int) -> Void) {
        guard count > 1, tasks > 1 else { return (0..<tasks).forEach(body) }
        let threads = min(count, tasks)
        let next = AtomicCounter()
        concurrently(threads) { _ in
            while true {
                let task = next.increment()
                guard task < tasks else { return }
                body(task)
            }
        }
    }

    /// Splits `0 ..< total` into ranges on multiples of `unit`, taken as threads become free; small work stays on one.
    ///
    /// For work of which no value depends on how it is split.
    func forEachRange(_ total: Int, unit: Int = 1, minimum: Int = 1, _ body: (Range<Int>) -> Void) {
        guard count > 1, total >= 2 * minimum else {
            if total > 0 { body(0..<total) }
            return
        }
        let pieces = min(Self.piecesAThread * count, total / max(1, minimum))
        forEachTask(pieces) { piece in
            let range = Self.part(piece, of: pieces, total: total, unit: unit)
            if !range.isEmpty { body(range) }
        }
    }

    /// Pieces of a range for each thread, so that one which others of the machine hold up takes fewer.
    private static let piecesAThread = 4

    /// Splits `0 ..< total` into a large range for each thread and a small one, taken as threads become free.
    ///
    /// A thread which others of the machine hold up then does less. The ranges depend only on the number of threads.
    func forEachUnevenRange(_ total: Int, unit: Int, _ body: (_ part: Int, Range<Int>) -> Void) {
        let large = total * 3 / (4 * count) / unit * unit
        guard count > 1, large > 0 else { return body(0, 0..<total) }
        let rest = total - large * count
        let next = AtomicCounter()
        concurrently(count) { part in
            while true {
                let task = next.increment()
                guard task < 2 * count else { return }
                if task < count {
                    body(part, task * large..<(task + 1) * large)
                } else {
                    let range = Self.part(task - count, of: count, total: rest, unit: unit)
                    if !range.isEmpty {
                        body(part, large * count + range.lowerBound..<large * count + range.upperBound)
                    }
                }
            }
        }
    }

    /// The `index`-th of `parts` ranges of `0 ..< total`, whose borders are multiples of `unit`.
    static func part(_ index: Int, of parts: Int, total: Int, unit: Int) -> Range<Int> {
        let units = (total + unit - 1) / unit
        let start = min(total, units * index / parts * unit)
        let end = min(total, units * (index + 1) / parts * unit)
        return start..<end
    }

    /// Runs `body(0)` … `body(threads - 1)` at the same time and returns when all have.
    private func concurrently(_ threads: Int, _ body: (Int) -> Void) {
        guard let pool else { return (0..<threads).forEach(body) }
        guard let profile else { return pool.run(threads, body) }
        profile.parallel(threads) { pool.run(threads) { index in profile.busy { body(index) } } }
    }
}
