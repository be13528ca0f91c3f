internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes

/// Closes a connection whose request does not arrive whole in time, or whose body is far too large.
///
/// The framework's own timer is started anew by every byte, so that a body which drips in would keep its connection for
/// ever; and after an early answer it reads a body on to its end, however long that is.
final class RequestDeadline: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    private let seconds: Double
    private let greatestBody: Int
    private var bodyBytes = 0
    private var timer: Scheduled<Void>?

    /// - Parameters:
    ///   - seconds: from the request's head to its end.
    ///   - greatestBody: bytes after which the connection is closed; larger than what is answered with an error.
    init(seconds: Double, greatestBody: Int) {
        self.seconds = seconds
        self.greatestBody = greatestBody
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            bodyBytes = 0
            timer?.cancel()
            let channel = context.channel
            timer = context.eventLoop.scheduleTask(in: .milliseconds(Int64(seconds * 1000))) {
                channel.close(promise: nil)
            }
        case .body(let piece):
            bodyBytes += piece.readableBytes
            if bodyBytes > greatestBody {
                context.close(promise: nil)
                return
            }
        case .end:
            timer?.cancel()
            timer = nil
        }
        context.fireChannelRead(data)
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
    }
}

@available(*, unavailable)
extension RequestDeadline: Sendable {}
