internal import Dispatch
internal import Foundation
internal import Synchronization

extension Array where Element: Sendable {
    /// The results of a pure function of each element, in order, worked out on all processors.
    ///
    /// - Parameter least: fewer elements than this are not worth sharing out.
    func concurrentMap<Result: Sendable>(
        atLeast least: Int = 64, _ transform: @Sendable (Element) -> Result
    ) -> [Result] {
        let processors = ProcessInfo.processInfo.activeProcessorCount
        guard count >= least, processors > 1 else { return map(transform) }
        // A few slices for each processor, so that none waits long for another's last one.
        let sliceCount = Swift.min(count, 4 * processors)
        let bounds = (0...sliceCount).map { $0 * count / sliceCount }
        let slices = Mutex<[Int: [Result]]>([:])
        DispatchQueue.concurrentPerform(iterations: sliceCount) { slice in
            let results = self[bounds[slice]..<bounds[slice + 1]].map(transform)
            slices.withLock { $0[slice] = results }
        }
        return slices.withLock { done in (0..<sliceCount).flatMap { done[$0] ?? [] } }
    }
}
