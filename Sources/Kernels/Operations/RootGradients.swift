internal import CKernels

/// The gradients of a root that several groups of spans see: each task of the backward pass adds to a part of its own.
///
/// The parts are summed in a fixed order, so the result does not depend on which thread took which task.
final class RootGradients {
    /// One task's gradients of the root's keys and values, each (root × head dimension).
    struct Part {
        let keys: UnsafeMutablePointer<Float>
        let values: UnsafeMutablePointer<Float>
    }

    private let start: Int
    private let count: Int
    private let tasks: Int
    private let heads: Int
    private let dimension: Int
    private let base: UnsafeMutablePointer<Float>

    /// Room for every (group, key-value head), zeroed; nil when no span sees a root.
    ///
    /// Traps when the spans see different roots.
    init?(groups: [[AttentionSpan]], attention: CausalAttention) {
        let seen = groups.joined().filter { $0.rootCount > 0 }
        guard let first = seen.first else { return nil }
        precondition(
            seen.allSatisfy { $0.rootStart == first.rootStart && $0.rootCount == first.rootCount }, "two roots")
        start = first.rootStart
        count = first.rootCount
        heads = attention.keyValueHeadCount
        dimension = attention.headDimension
        tasks = groups.count * heads
        base = UnsafeMutablePointer<Float>.allocate(capacity: tasks * 2 * count * dimension)
        base.initialize(repeating: 0, count: tasks * 2 * count * dimension)
    }

    deinit { base.deallocate() }

    /// The part of a task: group after group, within a group one key-value head after the other.
    func part(_ task: Int) -> Part {
        let keys = base + task * 2 * count * dimension
        return Part(keys: keys, values: keys + count * dimension)
    }

    /// Adds all parts to the root's rows.
    func add(toKeys dk: Matrix, values dv: Matrix) {
        for task in 0..<tasks {
            let (part, offset) = (part(task), task % heads * dimension)
            for row in 0..<count {
                ck_add(dk.base + (start + row) * dk.columns + offset, part.keys + row * dimension, dimension)
                ck_add(dv.base + (start + row) * dv.columns + offset, part.values + row * dimension, dimension)
            }
        }
    }
}
