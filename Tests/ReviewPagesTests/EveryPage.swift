import Markup

@testable import ReviewPages

/// Every page, with each text passed through a change: what the tests of all pages run over.
struct EveryPage {
    var text: (String) -> String = { $0 }
    var role = Viewer.Role.administrator

    private var viewer: Viewer {
        Viewer(name: text("b.lang"), role: role, csrf: text("token"), notice: Notice(.problem, text("It was refused.")))
    }
    private var shell: WorkShell {
        WorkShell(department: text("Lakeside"), guideline: text("2026-2"), hints: true)
    }

    private var figures: ReaderFigures {
        ReaderFigures(
            name: text("b.lang"), answered: 101, skipped: 3, corrected: 12, undone: 2, medianActiveSeconds: 41.2,
            leftShare: Share(share: 0.52, low: 0.44, high: 0.6, count: 148), selfAgreement: nil,
            goldShare: Share(share: 1, low: 0.6, high: 1, count: 4), flaggedFast: 1)
    }

    private var progress: ProgressFigures {
        ProgressFigures(
            pairs: 240, places: 300, answered: 187, leased: 2, conflicts: 6, adjudicated: 9,
            agreement: [
                .init(text("Alpha"), value: 0.71, low: 0.6, high: 0.8, count: 60),
                .init(text("Kappa"), value: nil, undefined: text("All answers are the same.")),
            ], readers: [figures],
            orders: [.init(value: text("informative"), label: text("Informative first"), isCurrent: true)])
    }

    private var users: UserList {
        UserList(
            users: ["a", "b"].map {
                UserList.User(
                    account: text($0), name: text("b.ames"), role: .lead, reviewer: text("R2"), isActive: true,
                    hasPassword: false, lastLogIn: text("never"))
            }, own: text("a"),
            invitation: .init(name: text("b.ames"), link: text("/setup?token=t"), expires: text("tomorrow")))
    }

    /// Each page under its name.
    var all: [(name: String, page: HTMLText)] {
        [
            ("setup", ReviewPages.setUp(token: text("t"), csrf: text("c"), name: text("b"), problem: text("No."))),
            ("invited", ReviewPages.setUp(token: text("t"), csrf: text("c"), owner: text("b"))),
            ("login", ReviewPages.logIn(csrf: text("c"), name: text("b"), problem: text("No."))),
            ("account", ReviewPages.account(viewer)),
            (
                "problem",
                ReviewPages.problem(
                    viewer,
                    ProblemPage(
                        title: text("Not here"), message: text("No page."), remedy: text("Look again."),
                        incident: text("4f2a")))
            ),
            ("judge", ReviewPages.judge(viewer, shell)), ("arena", ReviewPages.arena(viewer, shell)),
            ("correct", ReviewPages.correct(viewer, shell)), ("adjudicate", ReviewPages.adjudicate(viewer, shell)),
            ("progress", ReviewPages.progress(viewer, progress)),
            (
                "mine",
                ReviewPages.mine(
                    viewer,
                    OwnWork(
                        figures: figures,
                        items: [
                            .init(at: text("today"), kind: text("Judged"), answer: text("left"), detail: text("why")),
                            .init(at: text("today"), kind: text("Judged"), answer: text("right"), isTakenBack: true),
                        ]))
            ), ("users", ReviewPages.users(viewer, users)),
            (
                "guideline",
                ReviewPages.guideline(
                    viewer,
                    GuidelinePage(
                        version: text("2026-2"), text: text("Read both."),
                        versions: [
                            .init(version: text("1"), published: text("x"), digest: text("9f"), isCurrent: true)
                        ], mayPublish: true))
            ),
        ]
    }
}
