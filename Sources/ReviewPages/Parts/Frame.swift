import Markup

/// What every page has around its own content.
struct Frame {
    /// A page's place in the navigation.
    enum Place: String, CaseIterable {
        case judge, correct, arena, adjudicate, progress, mine, users, guideline

        var label: String {
            switch self {
            case .judge: "Judge"
            case .correct: "Correct"
            case .arena: "Arena"
            case .adjudicate: "Adjudicate"
            case .progress: "Progress"
            case .mine: "My work"
            case .users: "Users"
            case .guideline: "Guideline"
            }
        }

        func isOpen(to role: Viewer.Role) -> Bool {
            switch self {
            case .judge, .correct, .arena, .mine, .guideline: true
            case .adjudicate, .progress: role != .reviewer
            case .users: role == .administrator
            }
        }
    }

    var title: String
    var viewer: Viewer?
    var place: Place?
    var keys: [KeyAction] = []
    var department: String?
    var hints = false

    /// A page that is read from top to bottom.
    func document(_ content: [HTMLText]) -> HTMLText {
        page(kind: "plain", tag("main", ["id": "main", "tabindex": "-1"], notice, .element("div", [:], content)))
    }

    /// A page of work, which fills the window and has its own `main`.
    func work(_ main: HTMLText) -> HTMLText {
        page(kind: "work", main)
    }

    private func page(kind: String, _ main: HTMLText) -> HTMLText {
        let head = tag(
            "head", [:], tag("meta", ["charset": "utf-8"]),
            tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
            // Dark before the style sheet has come: no white flash in a dark room.
            tag("meta", ["name": "color-scheme", "content": "dark"]),
            tag("meta", ["name": "referrer", "content": "no-referrer"]),
            tag("meta", ["name": "robots", "content": "noindex, nofollow"]),
            tag("title", [:], "\(title) \u{2013} Overread"),
            tag("link", ["rel": "icon", "href": ReviewAsset.icon.address, "type": "image/svg+xml"]),
            tag("link", ["rel": "stylesheet", "href": ReviewAsset.style.address]),
            tag("script", ["src": ReviewAsset.script.address]))
        let body = tag(
            "body",
            [
                "class": kind, "data-page": place?.rawValue ?? "entry", "data-csrf": viewer?.csrf ?? "",
                "data-hints": hints ? "on" : "",
            ],
            tag("a", ["class": "skip", "href": "#main"], "Skip to the content"), top, main,
            HelpDialog(keys: keys).html)
        return .document(language: "en", [head, body])
    }

    private var top: HTMLText {
        var parts = [
            tag(
                "p", ["class": "brand"], tag("strong", [:], "Overread"),
                department.map { tag("span", [:], data($0)) } ?? HTMLText())
        ]
        if let viewer {
            let links = Place.allCases.filter { $0.isOpen(to: viewer.role) }.map { other in
                tag(
                    "a", ["href": "/" + other.rawValue, "aria-current": other == place ? "page" : ""],
                    HTMLText(other.label))
            }
            parts.append(.element("nav", ["aria-label": "Pages"], links))
        }
        parts.append(
            tag(
                "div", ["class": "corner"],
                tag(
                    "button",
                    [
                        "type": "button", "data-act": "help", "aria-keyshortcuts": "?", "aria-haspopup": "dialog",
                        "class": "quiet",
                    ], HTMLText(keys.isEmpty ? "Display" : "Keys"), tag("kbd", ["aria-hidden": "true"], "?")), corner))
        return .element("header", ["class": "top"], parts)
    }

    private var corner: HTMLText {
        guard let viewer else { return HTMLText() }
        return tag("a", ["href": "/account", "class": "who"], data(viewer.name))
            + Controls.form("/logout", csrf: viewer.csrf, [Controls.submit("Log out", style: "quiet")])
    }

    private var notice: HTMLText {
        guard let notice = viewer?.notice else { return HTMLText() }
        return Controls.notice(notice)
    }
}
