internal import Dispatch
internal import Synchronization

/// Where the time of a piece of work went, how many floating-point operations its matrix products did, and how long
/// threads stood idle.
///
/// Operations are counted from the shapes of the products that are run, never estimated from time. Only the owner of
/// the model records; its worker threads add no more than how long they were busy.
public final class ExecutionProfile: Sendable {
    /// What the time was spent on.
    public enum Kind: Int, CaseIterable, Sendable {
        /// Products with frozen weights.
        case gemm
        /// Products with the adapter's factors, and their gradients.
        case adapter
        /// Scores, softmax and weighted values, forward and backward.
        case attention
        /// Logits, their statistics and their gradient.
        case head
        /// Norms, rotary embedding, SwiGLU, embedding.
        case elementWise
        /// Expanding quantised weights, with the adapter's change added, or bringing their integers into tiles.
        case dequantisation
        /// AdamW, gradient norm and clipping.
        case optimizer
        /// Copies and bookkeeping between the operations.
        case other

        /// The kind as tables and files name it.
        public var name: String {
            switch self {
            case .gemm: "GEMM"
            case .adapter: "adapter"
            case .attention: "attention"
            case .head: "head"
            case .elementWise: "element-wise"
            case .dequantisation: "dequantisation"
            case .optimizer: "optimiser"
            case .other: "other"
            }
        }
    }

    /// One kind's share.
    public struct Entry: Sendable, Equatable {
        /// The kind.
        public let kind: Kind
        /// Wall-clock time, seconds.
        public let seconds: Double
        /// Floating-point operations of matrix products; a multiplication and an addition are two.
        public let operations: Double
    }

    private struct State {
        var nanoseconds = [UInt64](repeating: 0, count: Kind.allCases.count)
        var operations = [Double](repeating: 0, count: Kind.allCases.count)
        var current: Kind?
        var mark: UInt64 = 0
        /// Wall-clock time of regions in which several threads worked, and the time of all of them together.
        var parallel: UInt64 = 0
        var parallelThreads: UInt64 = 0
    }

    private let state = Mutex(State())
    private let busyTime = Atomic<UInt64>(0)

    /// A profile of nothing yet.
    public init() {}

    /// Runs `body` and counts its time, less that of other kinds measured inside, as `kind`.
    ///
    /// Attention and the head count as a whole: what is measured inside them is theirs.
    func measure<Value>(_ kind: Kind, operations: Double, _ body: () -> Value) -> Value {
        let before: (kind: Kind?, isWhole: Bool) = state.withLock { state in
            let isWhole = state.current == .attention || state.current == .head
            state.operations[(isWhole ? state.current ?? kind : kind).rawValue] += operations
            if isWhole { return (state.current, true) }
            let now = DispatchTime.now().uptimeNanoseconds
            if let current = state.current { state.nanoseconds[current.rawValue] += now - state.mark }
            let outer = state.current
            (state.current, state.mark) = (kind, now)
            return (outer, false)
        }
        if before.isWhole { return body() }
        let value = body()
        state.withLock { state in
            let now = DispatchTime.now().uptimeNanoseconds
            state.nanoseconds[kind.rawValue] += now - state.mark
            (state.current, state.mark) = (before.kind, now)
        }
        return value
    }

    /// Runs one thread's work and counts how long it was busy.
    func busy(_ body: () -> Void) {
        let begun = DispatchTime.now().uptimeNanoseconds
        body()
        busyTime.wrappingAdd(DispatchTime.now().uptimeNanoseconds - begun, ordering: .relaxed)
    }

    /// Runs `body`, which whose threads report through `busy`, and counts it as a region of `threads` threads.
    func parallel(_ threads: Int, _ body: () -> Void) {
        let from = DispatchTime.now().uptimeNanoseconds
        body()
        let wall = DispatchTime.now().uptimeNanoseconds - from
        state.withLock { state in
            guard state.current != nil else { return }
            state.parallel += wall
            state.parallelThreads += wall * UInt64(threads)
        }
    }

    /// Every kind, in order.
    public var entries: [Entry] {
        state.withLock { state in
            Kind.allCases.map {
                Entry(
                    kind: $0, seconds: Double(state.nanoseconds[$0.rawValue]) * 1e-9,
                    operations: state.operations[$0.rawValue])
            }
        }
    }

    /// All measured time, seconds.
    public var seconds: Double { entries.reduce(0) { $0 + $1.seconds } }

    /// The share of all threads' time in which they stood idle: the others', while one works alone, included.
    ///
    /// - Parameter threads: how many there are.
    public func idleShare(threads: Int) -> Double {
        let (parallel, inParallel) = state.withLock { ($0.parallel, $0.parallelThreads) }
        let working = Double(busyTime.load(ordering: .relaxed)) * 1e-9
        let alone = max(0, seconds - Double(parallel) * 1e-9)
        let available = seconds * Double(threads)
        guard available > 0, threads > 1 else { return 0 }
        return max(0, (Double(inParallel) * 1e-9 - working + alone * Double(threads - 1)) / available)
    }
}
