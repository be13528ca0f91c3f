internal import Crypto
internal import Evaluation
internal import Foundation
internal import Hummingbird
internal import Markup
internal import Preferences
internal import ReviewPages
internal import StrictJSON

/// The pages on which reviewers work, and what they did.
enum WorkRoutes {
    static let all: [Route] = [
        .get("/judge", .reviewer, isActivity: true) {
            .page(ReviewPages.judge($0.viewer($1), try await shell($0, $1)))
        },
        .get("/correct", .reviewer, isActivity: true) {
            .page(ReviewPages.correct($0.viewer($1), try await shell($0, $1)))
        },
        .get("/arena", .reviewer, isActivity: true) {
            .page(ReviewPages.arena($0.viewer($1), try await shell($0, $1)))
        },
        .get("/adjudicate", .lead, isActivity: true) {
            .page(ReviewPages.adjudicate($0.viewer($1), try await shell($0, $1)))
        },
        .get("/mine", .reviewer, isActivity: true, mine),
        .get("/guideline", .reviewer, isActivity: true, guideline),
        .post("/guideline", .lead, .form, recordGuideline),
    ]

    private static func shell(_ exchange: Exchange, _ session: Session) async throws -> WorkShell {
        let version = try await exchange.reading(session) { try $0.guideline()?.name }
        return WorkShell(
            department: exchange.services.options.department, guideline: version,
            hints: exchange.services.checker != nil)
    }

    private static func mine(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let reviewer = session.account.reviewer
        let (figures, deeds) = try await exchange.reading(session) { store in
            try store.recordView("page", "mine")
            return (try store.readerFigures(of: reviewer), try store.deeds(of: reviewer))
        }
        let work = OwnWork(
            figures: ReaderSummary(figures).page(name: session.account.displayName),
            items: deeds.map(DeedWords.item))
        return .page(ReviewPages.mine(exchange.viewer(session), work))
    }

    private static func guideline(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let asked = exchange.query["version"]
        let all = try await exchange.reading(session) { try $0.guidelines() }
        let shown = all.first { version in asked.map { $0.utf8.elementsEqual(version.name.utf8) } ?? true } ?? all.first
        let page = GuidelinePage(
            version: shown?.name, text: shown?.text ?? "",
            versions: all.enumerated().map { index, version in
                GuidelinePage.Version(
                    version: version.name, published: version.recorded.shown, digest: digest(version.text),
                    isCurrent: index == 0)
            }, mayPublish: session.account.role >= .lead)
        return .page(ReviewPages.guideline(exchange.viewer(session), page))
    }

    private static func recordGuideline(_ exchange: Exchange, _ session: Session) async throws -> Response {
        try await exchange.form(back: "/guideline", session) { form in
            let (version, text) = (try form.text("version"), try form.text("text"))
            try await exchange.change(session) { try $0.recordGuideline(version, text: text) }
            return exchange.done("The guideline was published.", back: "/guideline", session)
        }
    }

    private static func digest(_ text: String) -> String {
        SHA256.hash(data: Data(text.utf8)).prefix(6).map { byte in
            let hexadecimal = String(byte, radix: 16)
            return hexadecimal.utf8.count == 1 ? "0" + hexadecimal : hexadecimal
        }.joined()
    }
}
