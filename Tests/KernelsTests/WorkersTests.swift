import Foundation
import Synchronization
import Testing

@testable import Kernels

@Suite("Threads that share work")
struct WorkersTests {
    private final class Marks: Sendable {
        let counts: Mutex<[Int]>
        init(_ count: Int) { counts = Mutex([Int](repeating: 0, count: count)) }
        func mark(_ index: Int) { counts.withLock { $0[index] += 1 } }
        var all: [Int] { counts.withLock { $0 } }
    }

    @Test("each task is done once, whatever the number of threads and of tasks", arguments: [1, 2, 3, 5])
    func tasks(threads: Int) {
        let workers = Workers(threads)
        for count in [0, 1, 2, 7, 100] {
            let marks = Marks(max(1, count))
            for _ in 0..<50 { workers.forEachTask(count) { marks.mark($0) } }
            #expect(marks.all == [Int](repeating: count == 0 ? 0 : 50, count: max(1, count)))
        }
    }

    @Test("ranges cover everything once, after the threads have gone to sleep too", arguments: [2, 4])
    func ranges(threads: Int) {
        let workers = Workers(threads)
        for pause in [0, 20_000] {
            let marks = Marks(103)
            usleep(UInt32(pause))
            workers.forEachRange(103, unit: 8) { range in range.forEach { marks.mark($0) } }
            #expect(marks.all == [Int](repeating: 1, count: 103))
        }
    }

    @Test("owners on several threads at once each get their own work done")
    func owners() async {
        let marks = Marks(8)
        await withTaskGroup(of: Void.self) { group in
            for owner in 0..<8 {
                group.addTask {
                    let workers = Workers(2)
                    for _ in 0..<200 { workers.run { _, _ in marks.mark(owner) } }
                }
            }
        }
        #expect(marks.all == [Int](repeating: 400, count: 8))
    }

    @Test("a profile counts the operations and the time of what is measured, outermost first for the head")
    func profile() {
        let profile = ExecutionProfile()
        let workers = Workers(2, profile: profile)
        let x = Matrix(rows: 40, columns: 24), w = Matrix(rows: 16, columns: 24), y = Matrix(rows: 40, columns: 16)
        workers.measure(.other) {
            project(x, through: w, into: y, workers: workers)
            workers.measure(.head, operations: 5) { project(x, through: w, into: y, workers: workers) }
        }
        func entry(_ kind: ExecutionProfile.Kind) -> ExecutionProfile.Entry? {
            profile.entries.first { $0.kind == kind }
        }
        let operations: Double = 2 * 40 * 24 * 16
        #expect(entry(.gemm)?.operations == operations)
        #expect(entry(.head)?.operations == operations + 5)
        #expect((entry(.gemm)?.seconds ?? 0) > 0 && (entry(.head)?.seconds ?? 0) > 0)
        #expect(profile.idleShare(threads: 2) >= 0 && profile.idleShare(threads: 2) < 1)
    }
}
