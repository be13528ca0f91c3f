internal import Dispatch
internal import NIOCore

/// One connection: hands its bytes to the conversation one piece at a time and writes the answers.
///
/// While a piece is being worked on, nothing more is read, so a sender that is faster than the disk waits.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let conversation: any ListenerConversation
    private let worker: DispatchQueue
    private let idle: TimeAmount
    private let unit: TimeAmount
    private let onTimeout: @Sendable () -> Void
    private var pending: [UInt8] = []
    private var isBusy = false
    /// The conversation has units in hand that are still to be answered.
    private var hasMore = false
    /// No more bytes will come: the peer has ended its side.
    private var isAtEnd = false
    /// The listener stops: what is in hand is finished, and then the connection is closed.
    private var isStopping = false
    private var awaitsMore = false
    private var idleDeadline = NIODeadline.now()
    private var unitDeadline: NIODeadline?
    private var timer: Scheduled<Void>?

    init(
        _ conversation: any ListenerConversation, worker: DispatchQueue, settings: ListenerSettings,
        onTimeout: @escaping @Sendable () -> Void
    ) {
        self.conversation = conversation
        self.worker = worker
        self.onTimeout = onTimeout
        idle = .milliseconds(Int64(settings.idleSeconds * 1000))
        unit = .milliseconds(Int64(settings.unitSeconds * 1000))
    }

    func channelActive(context: ChannelHandlerContext) {
        idleDeadline = .now() + idle
        watch(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        pending += buffer.readBytes(length: buffer.readableBytes) ?? []
        work(context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent {
            isAtEnd = true
            closeIfDone(context)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        let conversation = self.conversation
        worker.async { conversation.end() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// Asks the connection to end once what it has in hand is answered.
    func stop(_ context: ChannelHandlerContext) {
        isStopping = true
        closeIfDone(context)
    }

    private func work(_ context: ChannelHandlerContext) {
        guard !isBusy, hasMore || !pending.isEmpty else { return }
        isBusy = true
        timer?.cancel()
        timer = nil
        context.channel.setOption(.autoRead, value: false).whenFailure { _ in }
        let bytes = pending
        pending = []
        let conversation = self.conversation
        let loop = context.eventLoop
        let bound = NIOLoopBound((self, context), eventLoop: loop)
        worker.async {
            let answer = conversation.receive(bytes)
            loop.execute {
                let (handler, context) = bound.value
                handler.answered(answer, context)
            }
        }
    }

    private func answered(_ answer: ConversationAnswer, _ context: ChannelHandlerContext) {
        awaitsMore = answer.awaitsMore
        hasMore = answer.hasMore
        if answer.finishedUnits > 0 {
            idleDeadline = .now() + idle
            unitDeadline = nil
        }
        if !awaitsMore { unitDeadline = nil } else if unitDeadline == nil { unitDeadline = .now() + unit }
        guard !answer.bytes.isEmpty else { return goOn(context) }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: answer.bytes))).whenComplete { result in
            let (handler, context) = bound.value
            if case .failure = result { context.close(promise: nil) }
            handler.goOn(context)
        }
        // A peer that does not read its answers is not waited for longer than a unit may take.
        watch(context, until: .now() + unit)
    }

    private func goOn(_ context: ChannelHandlerContext) {
        isBusy = false
        guard context.channel.isActive else { return }
        if hasMore || !pending.isEmpty { return work(context) }
        closeIfDone(context)
        guard context.channel.isActive else { return }
        watch(context)
        context.channel.setOption(.autoRead, value: true).whenFailure { _ in }
    }

    private func closeIfDone(_ context: ChannelHandlerContext) {
        guard !isBusy, !hasMore, pending.isEmpty, isAtEnd || (isStopping && !awaitsMore) else { return }
        context.close(promise: nil)
    }

    /// Closes the connection at the earlier of its deadlines, or at the one given.
    private func watch(_ context: ChannelHandlerContext, until given: NIODeadline? = nil) {
        timer?.cancel()
        let deadline = given ?? unitDeadline.map { min($0, idleDeadline) } ?? idleDeadline
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(deadline: deadline) {
            let (handler, context) = bound.value
            handler.onTimeout()
            context.close(promise: nil)
        }
    }
}
