internal import HTTPTypes
internal import Hummingbird
internal import Markup
internal import Preferences
internal import ReviewPages

/// What every page is told of the person who looks at it.
extension Exchange {
    /// The person, with the notice that an earlier form left.
    func viewer(_ session: Session, notice: Notice? = nil) -> Viewer {
        Viewer(
            name: session.account.displayName, role: session.account.role.shown, csrf: session.csrfToken,
            notice: notice ?? services.notices.take(session.digest)?.notice)
    }

    /// Back to a page after a form, with a line that says what was done.
    func done(_ text: String, back path: String, _ session: Session) -> Response {
        services.notices.leave(Notice(.done, text), for: session.digest)
        return .redirect(to: path)
    }

    /// Does what a form asks for; what is wrong with it is said on the page that it came from.
    func form(
        back path: String, _ session: Session, _ work: (FormFields) async throws -> Response
    ) async throws -> Response {
        do {
            return try await work(try form())
        } catch {
            let problem = Problem(error)
            guard problem.status.code < 500, problem.status != .notFound else { throw error }
            notes.set(code: problem.code)
            let text = "\(Problem.sentence(problem.message)) \(Problem.sentence(problem.remedy))"
            services.notices.leave(Notice(.problem, text), for: session.digest)
            return .redirect(to: path)
        }
    }
}

extension Account.Role {
    /// The role as the page has it.
    var shown: Viewer.Role {
        switch self {
        case .reviewer: .reviewer
        case .lead: .lead
        case .administrator: .administrator
        }
    }
}

extension UTCTime {
    /// `2026-11-25 19:04 UTC`.
    var shown: String {
        let text = Array(description.utf8)
        guard text.count >= 16 else { return description }
        return String(decoding: text[..<10], as: UTF8.self) + " " + String(decoding: text[11..<16], as: UTF8.self)
            + " UTC"
    }
}
