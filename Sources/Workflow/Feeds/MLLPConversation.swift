import ClinicalMessages
import MessageListener
import Synchronization

/// One MLLP connection: takes its blocks apart and acknowledges one message after the other.
final class MLLPConversation: ListenerConversation {
    private struct State {
        var decoder: MLLPDecoder
        /// What was taken apart and is still to be answered, the first last.
        var waiting: [MLLPEvent] = []
    }

    private let state: Mutex<State>
    private let receiver: FeedReceiver
    private let connection: Int

    init(_ receiver: FeedReceiver, connection: Int, messageLimit: Int) {
        state = Mutex(State(decoder: MLLPDecoder(limit: messageLimit)))
        self.receiver = receiver
        self.connection = connection
    }

    func receive(_ bytes: [UInt8]) -> ConversationAnswer {
        state.withLock { state in
            state.waiting.insert(contentsOf: state.decoder.append(bytes).reversed(), at: 0)
        }
        var answer = ConversationAnswer(bytes: [], finishedUnits: 0, awaitsMore: false)
        while answer.finishedUnits == 0, let event = state.withLock({ $0.waiting.popLast() }) {
            switch event {
            case .block(let message):
                answer.bytes = MLLPDecoder.frame(receiver.answer(to: message, on: connection))
                answer.finishedUnits = 1
            case .refused(let refusal):
                answer.bytes = MLLPDecoder.frame(receiver.answer(toBroken: refusal))
                answer.finishedUnits = 1
            case .skipped(let count): receiver.note(skipped: count)
            }
        }
        (answer.awaitsMore, answer.hasMore) = state.withLock { ($0.decoder.isInsideBlock, !$0.waiting.isEmpty) }
        return answer
    }

    func end() {
        for event in state.withLock({ $0.decoder.finish() }) {
            switch event {
            case .refused(let refusal): receiver.note(unfinished: refusal)
            case .skipped(let count): receiver.note(skipped: count)
            case .block: break
            }
        }
    }
}
