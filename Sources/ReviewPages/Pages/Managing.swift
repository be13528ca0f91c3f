public import Markup

extension ReviewPages {
    /// Every account, for administrators.
    public static func users(_ viewer: Viewer, _ users: UserList) -> HTMLText {
        var content = [tag("h1", [:], "Users")]
        if let invitation = users.invitation {
            content.append(
                tag(
                    "section", ["class": "card invitation", "role": "status", "aria-labelledby": "invitation-title"],
                    tag("h2", ["id": "invitation-title"], "A one-time link for \(data(invitation.name))"),
                    tag("p", [:], tag("code", [:], HTMLText(invitation.link))),
                    tag(
                        "p", ["class": "hint"],
                        "Give it to the person by hand; it is shown only now, works once, and ends \(invitation.expires)."
                    )))
        }
        content.append(
            tag(
                "section", ["class": "card"], tag("h2", [:], "Accounts"),
                Controls.table(
                    "Accounts", head: ["Name", "Role", "State", "Last log-in", "Reviewer", "Change"], numbersFrom: 9,
                    users.users.map { row($0, viewer: viewer, isOwn: $0.account == users.own) })))
        content.append(adding(viewer))
        return Frame(title: "Users", viewer: viewer, place: .users).document(content)
    }

    /// The guideline in force, its versions, and for leads a form for the next one.
    public static func guideline(_ viewer: Viewer, _ page: GuidelinePage) -> HTMLText {
        var content = [tag("h1", [:], "Guideline")]
        if let version = page.version {
            content.append(
                tag(
                    "section", ["class": "card"], tag("h2", [:], "Version \(data(version))"),
                    tag("div", ["class": "prose", "dir": "auto"], HTMLText(page.text))))
        } else {
            content.append(tag("p", [:], "No guideline has been published yet."))
        }
        if !page.versions.isEmpty {
            content.append(
                tag(
                    "section", ["class": "card"], tag("h2", [:], "Versions"),
                    Controls.table(
                        "Versions of the guideline", head: ["Version", "Published", "SHA-256", ""], numbersFrom: 9,
                        page.versions.map {
                            [
                                data($0.version), HTMLText($0.published), tag("code", [:], HTMLText($0.digest)),
                                $0.isCurrent ? "in force" : "",
                            ]
                        })))
        }
        if page.mayPublish {
            content.append(
                tag(
                    "section", ["class": "card"], tag("h2", [:], "Publish a version"),
                    tag(
                        "p", ["class": "hint"],
                        "Each pair keeps the version that it was judged under; answers under two versions are not mixed."
                    ),
                    Controls.form(
                        "/guideline", csrf: viewer.csrf, style: "entry wide",
                        [
                            Controls.field("version", "Name of the version", hint: "For example 2026-2."),
                            tag(
                                "div", ["class": "field"], tag("label", ["for": "field-text"], "Text"),
                                tag(
                                    "textarea",
                                    [
                                        "id": "field-text", "name": "text", "rows": "14", "maxlength": "60000",
                                        "required": "required", "spellcheck": "true",
                                    ], HTMLText(page.text))), Controls.submit("Publish"),
                        ])))
        }
        return Frame(title: "Guideline", viewer: viewer, place: .guideline).document(content)
    }

    private static func row(_ user: UserList.User, viewer: Viewer, isOwn: Bool) -> [HTMLText] {
        let address = "/users/" + Controls.segment(user.account)
        let id = "role-" + Controls.segment(user.account)
        let changes =
            isOwn
            ? [HTMLText("your own")]
            : [
                Controls.form(
                    address + "/role", csrf: viewer.csrf, style: "row", label: "Role of \(user.name)",
                    [
                        tag(
                            "label", ["for": id, "class": "unseen"], "Role of \(data(user.name))"),
                        roles(id: id, chosen: user.role), Controls.submit("Set", style: "quiet"),
                    ]),
                Controls.form(
                    address + "/active", csrf: viewer.csrf, style: "row", label: "State of \(user.name)",
                    [
                        tag("input", ["type": "hidden", "name": "active", "value": user.isActive ? "no" : "yes"]),
                        tag(
                            "button", ["type": "submit", "class": "quiet"], user.isActive ? "Close" : "Open",
                            tag("span", ["class": "unseen"], " the account of \(data(user.name))")),
                    ]),
                Controls.form(
                    address + "/invite", csrf: viewer.csrf, style: "row", label: "New link for \(user.name)",
                    [
                        tag(
                            "button", ["type": "submit", "class": "quiet"], "New link",
                            tag("span", ["class": "unseen"], " for \(data(user.name))"))
                    ]),
            ]
        let state =
            user.isActive ? (user.hasPassword ? "active" : "has not used the link yet") : "closed"
        return [
            data(user.name), HTMLText(user.role.words), HTMLText(state),
            HTMLText(user.lastLogIn ?? "never"), user.reviewer.map { data($0) } ?? "\u{2013}",
            .element("div", ["class": "row"], changes),
        ]
    }

    private static func adding(_ viewer: Viewer) -> HTMLText {
        let credentials = [
            ("attending", "Attending"), ("fellow", "Fellow"), ("resident", "Resident"), ("other", "Other"),
        ]
        return tag(
            "section", ["class": "card"], tag("h2", [:], "Add a user"),
            Controls.form(
                "/users", csrf: viewer.csrf, style: "entry",
                [
                    Controls.field("name", "Log-in name"),
                    tag(
                        "div", ["class": "field"], tag("label", ["for": "new-role"], "Role"),
                        roles(id: "new-role", chosen: .reviewer)),
                    tag(
                        "div", ["class": "field"],
                        Controls.choice("credential", "Credential", id: "credential", credentials)),
                    Controls.field(
                        "subspecialties", "Subspecialties", hint: "With commas between, such as chest, neuro.",
                        required: false),
                    Controls.submit("Add, and make a one-time link"),
                ]))
    }

    private static func roles(id: String, chosen: Viewer.Role) -> HTMLText {
        .element(
            "select", ["id": id, "name": "role"],
            Viewer.Role.allCases.map { role in
                tag(
                    "option", ["value": role.rawValue, "selected": role == chosen ? "selected" : ""],
                    HTMLText(role.words))
            })
    }
}
