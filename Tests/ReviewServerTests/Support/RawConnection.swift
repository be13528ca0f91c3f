import NIOCore
import NIOPosix
import Testing

/// A connection on which a test writes bytes as it likes.
struct RawConnection {
    private let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// Connects to a port of this machine, runs the body and closes the connection.
    static func with<Value: Sendable>(
        port: Int?, _ body: @Sendable (RawConnection) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(
            host: "127.0.0.1", port: #require(port)
        ) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        return try await body(RawConnection(channel: channel))
    }

    /// Sends each piece with a pause before it, and gives all that comes back until the server closes the connection;
    /// nil when it does not within some seconds.
    func exchange(_ pieces: [String], pauseMilliseconds: Int = 0, patienceSeconds: Int = 10) async throws -> String? {
        try await channel.executeThenClose { inbound, outbound in
            try await withThrowingTaskGroup(of: String?.self) { group in
                group.addTask {
                    var text = ""
                    do {
                        for try await piece in inbound { text += String(buffer: piece) }
                    } catch {}
                    return text
                }
                group.addTask {
                    for piece in pieces {
                        try await Task.sleep(for: .milliseconds(pauseMilliseconds))
                        do { try await outbound.write(ByteBuffer(string: piece)) } catch { break }
                    }
                    try await Task.sleep(for: .seconds(patienceSeconds))
                    return nil
                }
                let result = try await group.next() ?? nil
                group.cancelAll()
                return result
            }
        }
    }
}
