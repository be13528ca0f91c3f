internal import Foundation
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// What tests connect to a listener on this machine with: sends bytes and collects what comes back.
public final class LoopbackClient: Sendable {
    private final class Inbox: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let bytes = Mutex<[UInt8]>([])
        let hasEnded = Mutex(false)

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var buffer = unwrapInboundIn(data)
            let read = buffer.readBytes(length: buffer.readableBytes) ?? []
            bytes.withLock { $0 += read }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .some(.inputClosed) = event as? ChannelEvent { hasEnded.withLock { $0 = true } }
        }

        func channelInactive(context: ChannelHandlerContext) { hasEnded.withLock { $0 = true } }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private let inbox = Inbox()
    private let channel: any Channel

    /// Connects; with the path of a certificate over TLS, trusting that certificate alone.
    public init(port: Int, trusting certificate: String? = nil) throws {
        let inbox = self.inbox
        var context: NIOSSLContext?
        if let certificate {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.trustRoots = .file(certificate)
            configuration.certificateVerification = .noHostnameVerification
            context = try NIOSSLContext(configuration: configuration)
        }
        let tls = context
        channel = try ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: nil))
                    }
                    try channel.pipeline.syncOperations.addHandler(inbox)
                }
            }
            .connect(host: "127.0.0.1", port: port).wait()
    }

    deinit { channel.close(promise: nil) }

    /// Sends a text's bytes.
    public func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Sends bytes.
    public func send(_ bytes: [UInt8]) throws { try channel.writeAndFlush(ByteBuffer(bytes: bytes)).wait() }

    /// Ends the sending side and leaves the other open.
    public func endSending() throws { try channel.close(mode: .output).wait() }

    /// What has come back once it has so many bytes, or after 20 seconds.
    public func received(atLeast count: Int) -> String {
        String(decoding: received { $0.count >= count }, as: UTF8.self)
    }

    /// What has come back once it is enough, or after 20 seconds.
    public func received(until isEnough: ([UInt8]) -> Bool) -> [UInt8] {
        wait { isEnough(self.inbox.bytes.withLock { $0 }) }
        return inbox.bytes.withLock { $0 }
    }

    /// Whether the listener ends the connection within 20 seconds.
    public func isClosed() -> Bool { wait { self.inbox.hasEnded.withLock { $0 } } }

    @discardableResult
    private func wait(_ isThere: () -> Bool) -> Bool {
        for _ in 0..<2000 {
            if isThere() { return true }
            Thread.sleep(forTimeInterval: 0.01)
        }
        return isThere()
    }
}
