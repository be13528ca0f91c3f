import Dispatch
import Glibc
import Synchronization

/// A person's wish to stop, made by SIGINT or SIGTERM: the first asks, the second ends the program at once.
final class StopRequest: Sendable {
    private let count = Atomic<Int>(0)

    /// Whether it was made.
    var wasMade: Bool { count.load(ordering: .relaxed) > 0 }

    /// Starts to listen; `onFirst` is told once, on another thread.
    ///
    /// The sources live as long as the program, as signals do.
    static func listening(onFirst: @escaping @Sendable () -> Void) -> StopRequest {
        let request = StopRequest()
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [source] in
                _ = source
                if request.count.add(1, ordering: .relaxed).oldValue == 0 {
                    onFirst()
                } else {
                    _exit(128 + number)
                }
            }
            source.resume()
        }
        return request
    }
}
