internal import ReviewPages
internal import Synchronization

/// What a form's outcome leaves for the page that is shown next, once, for each session.
final class NoticeBoard: Sendable {
    struct Left: Sendable {
        var notice: Notice
        var invitation: UserList.Invitation?
    }
    private let left = Mutex<[String: Left]>([:])

    /// Leaves a notice for a session, in place of one that nobody saw.
    func leave(_ notice: Notice, invitation: UserList.Invitation? = nil, for session: String) {
        left.withLock { board in
            if board.count >= 1000 { board.removeAll() }
            board[session] = Left(notice: notice, invitation: invitation)
        }
    }

    /// Takes a session's notice.
    func take(_ session: String) -> Left? {
        left.withLock { $0.removeValue(forKey: session) }
    }
}
