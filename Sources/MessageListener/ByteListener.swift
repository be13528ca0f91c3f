public import Diagnostics
internal import Dispatch
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// How many connections a listener has had.
public struct ListenerCounts: Sendable, Equatable {
    /// Open now.
    public internal(set) var open = 0
    /// Taken since the start.
    public internal(set) var taken = 0
    /// Closed at once because too many were open.
    public internal(set) var turnedAway = 0
    /// Closed at a deadline.
    public internal(set) var timedOut = 0
}

/// Listens for connections and lets a conversation answer each one's bytes; it knows nothing of what they mean.
///
/// One thread moves bytes and one queue works on them, so that conversations of all connections take turns.
public final class ByteListener: Sendable {
    private struct State {
        var counts = ListenerCounts()
        var isStopping = false
        var channels: [ObjectIdentifier: any Channel] = [:]
    }

    /// The port that is listened on, also where the system chose it.
    public let port: Int
    private let group: MultiThreadedEventLoopGroup
    private let server: any Channel
    private let state: StateBox

    /// The state that handlers and the listener share.
    private final class StateBox: Sendable {
        let value = Mutex(State())
    }

    /// Starts to listen.
    ///
    /// - Parameters:
    ///   - settings: where, and what is allowed.
    ///   - converse: makes the conversation of each new connection, which is given its number from 1.
    /// - Throws: `listen.plain-network`, `listen.certificate`, `listen.not-bound`.
    public init(
        _ settings: ListenerSettings, converse: @escaping @Sendable (_ connection: Int) -> any ListenerConversation
    ) throws(Refusal) {
        try settings.check()
        let tls = try settings.certificate.map { given throws(Refusal) in try ListenerTLS.context(given) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let worker = DispatchQueue(label: "overread.listener")
        let state = StateBox()
        do {
            let bootstrap = ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 16)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.allowRemoteHalfClosure, value: true)
                .childChannelInitializer { channel in
                    guard let number = Self.admit(channel, state, limit: settings.maximumConnections) else {
                        return channel.close()
                    }
                    return channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                        try pipeline.addHandler(
                            ConnectionHandler(converse(number), worker: worker, settings: settings) {
                                state.value.withLock { $0.counts.timedOut += 1 }
                            })
                    }
                }
            server = try bootstrap.bind(host: settings.host, port: settings.port).wait()
        } catch {
            try? group.syncShutdownGracefully()
            throw Refusal(
                .environment, code: "listen.not-bound", at: "port \(settings.port)",
                "the address cannot be listened on: it is in use, is not this machine's, or may not be",
                mend: "check --host and --port; ports below 1024 need a privilege")
        }
        port = server.localAddress?.port ?? settings.port
        self.group = group
        self.state = state
    }

    /// How many connections there are and were.
    public var counts: ListenerCounts { state.value.withLock { $0.counts } }

    /// Stops: takes no new connection, lets each finish and acknowledge what it has in hand, and closes it.
    ///
    /// - Parameter graceSeconds: how long a unit that has begun may still take; then its connection is closed.
    public func stop(graceSeconds: Double = 10) {
        try? server.close().wait()
        let channels = state.value.withLock { state in
            state.isStopping = true
            return Array(state.channels.values)
        }
        for channel in channels { Self.stop(channel) }
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(graceSeconds)
        while counts.open > 0, clock.now < deadline {
            _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(20))
        }
        for channel in state.value.withLock({ Array($0.channels.values) }) { channel.close(promise: nil) }
        try? group.syncShutdownGracefully()
    }

    /// Counts a new connection in, and gives its number; nil where there is no room or the listener stops.
    private static func admit(_ channel: any Channel, _ box: StateBox, limit: Int) -> Int? {
        let key = ObjectIdentifier(channel)
        let number = box.value.withLock { state -> Int? in
            guard !state.isStopping, state.counts.open < limit else {
                state.counts.turnedAway += 1
                return nil
            }
            state.counts.open += 1
            state.counts.taken += 1
            state.channels[key] = channel
            return state.counts.taken
        }
        guard let number else { return nil }
        channel.closeFuture.whenComplete { _ in
            box.value.withLock { state in
                state.counts.open -= 1
                state.channels[key] = nil
            }
        }
        return number
    }

    private static func stop(_ channel: any Channel) {
        channel.eventLoop.execute {
            let pipeline = channel.pipeline.syncOperations
            guard let context = try? pipeline.context(handlerType: ConnectionHandler.self),
                let handler = context.handler as? ConnectionHandler
            else { return channel.close(promise: nil) }
            handler.stop(context)
        }
    }
}
