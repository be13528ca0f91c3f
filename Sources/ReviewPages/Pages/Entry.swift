public import Markup

extension ReviewPages {
    /// The page of a one-time link: the first administrator chooses a name and a password, an invited person a password.
    ///
    /// - Parameter owner: The invited account's name; nil for the first administrator.
    public static func setUp(
        token: String, csrf: String, owner: String? = nil, name: String = "", problem: String? = nil
    ) -> HTMLText {
        let who =
            owner.map { tag("p", [:], "For the account ", tag("strong", [:], data($0)), ".") }
            ?? Controls.field(
                "name", "Your log-in name", value: name, complete: "username",
                hint: "It is shown to the leads of this department; it is not shown beside any answer.", focused: true)
        return entry(
            "Set up", heading: owner == nil ? "First administrator" : "Choose a password", problem: problem,
            [
                Controls.form(
                    "/setup", csrf: csrf, style: "entry",
                    [
                        tag("input", ["type": "hidden", "name": "token", "value": token]), who,
                        Controls.field(
                            "password", "Password", kind: "password", complete: "new-password",
                            hint: "At least 12 characters. A sentence is easier to keep than a word.",
                            focused: owner != nil, longest: 1024),
                        Controls.field(
                            "again", "The password again", kind: "password", complete: "new-password", longest: 1024),
                        Controls.submit("Set up"),
                    ]),
                tag("p", ["class": "hint"], "This link works once. If it is refused, ask for a new one."),
            ])
    }

    /// The log-in.
    public static func logIn(csrf: String, name: String = "", problem: String? = nil) -> HTMLText {
        entry(
            "Log in", heading: "Log in", problem: problem,
            [
                Controls.form(
                    "/login", csrf: csrf, style: "entry",
                    [
                        Controls.field(
                            "name", "Name", value: name, complete: "username", focused: name.utf8.isEmpty),
                        Controls.field(
                            "password", "Password", kind: "password", complete: "current-password",
                            focused: !name.utf8.isEmpty, longest: 1024),
                        Controls.submit("Log in"),
                    ]),
                tag(
                    "p", ["class": "hint"],
                    "Report text stays on this department\u{2019}s machine. What you open and what you change is recorded. "
                        + "Overread is not a medical device."),
            ])
    }

    /// The viewer's own account: the password can be changed.
    public static func account(_ viewer: Viewer) -> HTMLText {
        Frame(title: "Your account", viewer: viewer).document([
            tag("h1", [:], "Your account"),
            tag("p", [:], "Logged in as ", tag("strong", [:], data(viewer.name)), ", \(viewer.role.words)."),
            tag(
                "section", ["class": "card"], tag("h2", [:], "Change the password"),
                Controls.form(
                    "/account", csrf: viewer.csrf, style: "entry",
                    [
                        Controls.field(
                            "current", "Present password", kind: "password", complete: "current-password",
                            longest: 1024),
                        Controls.field(
                            "password", "New password", kind: "password", complete: "new-password",
                            hint: "At least 12 characters.", longest: 1024),
                        Controls.field(
                            "again", "The new password again", kind: "password", complete: "new-password",
                            longest: 1024), Controls.submit("Change it"),
                    ]), tag("p", ["class": "hint"], "Your other sessions end.")),
        ])
    }

    /// A page in the place of one that cannot be shown.
    public static func problem(_ viewer: Viewer?, _ problem: ProblemPage) -> HTMLText {
        Frame(title: problem.title, viewer: viewer).document([
            tag("h1", [:], HTMLText(problem.title)), tag("p", [:], HTMLText(problem.message)),
            problem.remedy.map { tag("p", [:], HTMLText($0)) } ?? HTMLText(),
            problem.incident.map {
                tag("p", ["class": "hint"], "For the person who looks after this server: incident ", data($0), ".")
            } ?? HTMLText(), tag("p", [:], tag("a", ["href": "/"], "Back to the start")),
        ])
    }

    private static func entry(
        _ title: String, heading: String, problem: String?, _ content: [HTMLText]
    ) -> HTMLText {
        let refused = problem.map { Controls.notice(Notice(.problem, $0)) } ?? HTMLText()
        return Frame(title: title).document([
            .element("section", ["class": "card entrance"], [tag("h1", [:], HTMLText(heading)), refused] + content)
        ])
    }
}
