internal import Evaluation
internal import HTTPTypes
internal import Hummingbird
internal import Markup
internal import Preferences
internal import ReviewPages

/// The pages of leads and administrators.
enum ManagePages {
    static let all: [Route] = [
        .get("/progress", .lead, isActivity: true, progress),
        .post("/progress/order", .lead, .form, setOrder),
        .get("/users", .administrator, isActivity: true, users),
        .post("/users", .administrator, .form, addUser),
        .post("/users/{account}/role", .administrator, .form, setRole),
        .post("/users/{account}/active", .administrator, .form, setActive),
        .post("/users/{account}/invite", .administrator, .form, invite),
    ]

    private static func progress(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let (figures, accounts, policy) = try await exchange.reading(session) { store in
            (try store.reviewFigures(), try store.accounts(), try store.queuePolicy())
        }
        let names = Dictionary(accounts.map { ($0.reviewer, $0.displayName) }) { first, _ in first }
        let summary = ProgressSummary(figures: figures)
        let current = QueueShape.Order(policy.order)
        let page = ProgressFigures(
            pairs: summary.pairs, places: summary.places, answered: summary.answered, leased: summary.leased,
            conflicts: summary.conflicts, adjudicated: summary.adjudicated,
            agreement: summary.estimates.map(Self.row),
            readers: figures.readers.map { ReaderSummary($0).page(name: names[$0.reviewer] ?? $0.reviewer) },
            orders: QueueShape.Order.allCases.map {
                ProgressFigures.QueueOrder(value: $0.rawValue, label: $0.words, isCurrent: $0 == current)
            })
        return .page(ReviewPages.progress(exchange.viewer(session), page))
    }

    private static func row(_ estimate: AgreementEstimate) -> ProgressFigures.Agreement {
        let name = estimate.statistic.description
        let label = Problem.sentence(name).dropLast()
        var reason: String?
        if case .undefined(let why) = estimate.value { reason = why.rawValue }
        return ProgressFigures.Agreement(
            String(label), value: estimate.value.number, low: estimate.interval?.lower,
            high: estimate.interval?.upper, count: estimate.itemCount, undefined: reason)
    }

    private static func setOrder(_ exchange: Exchange, _ session: Session) async throws -> Response {
        try await exchange.form(back: "/progress", session) { form in
            guard let order = QueueShape.Order(rawValue: try form.text("order")) else { throw badField("order") }
            let change = QueueShape(order: order)
            try await exchange.change(session) { store in
                try store.setQueuePolicy(change.applied(to: try store.queuePolicy()))
            }
            return exchange.done("The queue's order was changed.", back: "/progress", session)
        }
    }

    private static func users(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let accounts = try await exchange.reading(session) { try $0.accounts() }
        let left = exchange.services.notices.take(session.digest)
        let list = UserList(
            users: accounts.map {
                UserList.User(
                    account: $0.name, name: $0.displayName, role: $0.role.shown, reviewer: $0.reviewer,
                    isActive: !$0.isDisabled, hasPassword: $0.hasPassword, lastLogIn: $0.lastLogIn?.shown)
            }, own: session.account.name, invitation: left?.invitation)
        return .page(ReviewPages.users(exchange.viewer(session, notice: left?.notice), list))
    }

    private static func addUser(_ exchange: Exchange, _ session: Session) async throws -> Response {
        try await exchange.form(back: "/users", session) { form in
            guard let role = Account.Role(rawValue: try form.text("role")) else { throw badField("role") }
            guard let credential = Reviewer.Credential(rawValue: form["credential"] ?? "other") else {
                throw badField("credential")
            }
            let name = try form.text("name")
            let subspecialties = (form["subspecialties"] ?? "").split(separator: ",").map {
                $0.trimmingPrefix { $0 == " " }.description
            }.filter { !$0.isEmpty }
            let invited = try await NewUser(
                name: name, displayName: name, role: role, credential: credential, subspecialties: subspecialties
            ).make(exchange, session)
            return show(invited, "The account was made.", exchange, session)
        }
    }

    private static func invite(_ exchange: Exchange, _ session: Session) async throws -> Response {
        try await exchange.form(back: "/users", session) { _ in
            let invited = try await Invited.make(for: exchange.word("account"), exchange, session)
            return show(invited, "A new link was made; the one before no longer works.", exchange, session)
        }
    }

    private static func show(
        _ invited: Invited, _ text: String, _ exchange: Exchange, _ session: Session
    ) -> Response {
        let invitation = UserList.Invitation(
            name: invited.account, link: exchange.services.origin(exchange.head) + invited.path,
            expires: invited.expires.shown)
        exchange.services.notices.leave(Notice(.done, text), invitation: invitation, for: session.digest)
        return .redirect(to: "/users")
    }

    private static func setRole(_ exchange: Exchange, _ session: Session) async throws -> Response {
        try await exchange.form(back: "/users", session) { form in
            guard let role = Account.Role(rawValue: try form.text("role")) else { throw badField("role") }
            let name = exchange.word("account")
            try await exchange.change(session) { try $0.setRole(role, account: name) }
            exchange.notes.set(event: "account.role")
            return exchange.done("The role was changed.", back: "/users", session)
        }
    }

    private static func setActive(_ exchange: Exchange, _ session: Session) async throws -> Response {
        try await exchange.form(back: "/users", session) { form in
            let isActive = try form.text("active") == "yes"
            let name = exchange.word("account")
            try await exchange.change(session) { try $0.setDisabled(!isActive, account: name) }
            exchange.notes.set(event: isActive ? "account.opened" : "account.closed")
            return exchange.done(isActive ? "The account is open." : "The account is closed.", back: "/users", session)
        }
    }

    private static func badField(_ name: String) -> Problem {
        Problem(.badRequest, "request.bad-field", "\(name): none of the choices", mend: "choose one of the list")
    }
}

extension QueueShape.Order {
    /// The order in words.
    var words: String {
        switch self {
        case .arrival: "As they came"
        case .random: "Shuffled"
        case .informative: "What teaches most first"
        }
    }
}

extension ReaderSummary {
    /// The figures as the page has them.
    func page(name: String) -> PageReader {
        PageReader(
            name: name, answered: figures.answered, skipped: figures.skipped, corrected: figures.corrected,
            undone: figures.undone, medianActiveSeconds: figures.medianActiveMilliseconds.map { Double($0) / 1000 },
            leftShare: leftShare?.page, selfAgreement: selfAgreement?.page, goldShare: goldShare?.page,
            flaggedFast: figures.fastAnswers)
    }
}

extension ShareFigure {
    /// The share as the page has it.
    var page: PageShare {
        let interval = proportion.wilson()
        return PageShare(
            share: proportion.value, low: interval.lower, high: interval.upper, count: proportion.trials)
    }
}
