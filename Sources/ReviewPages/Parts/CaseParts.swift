import Markup

/// The pieces that the pages of work share: what the case is, the two answers, the line that says what was saved.
///
/// They are empty here; the script fills what has `data-fill`, with text and never with markup.
enum CaseParts {
    /// The case: what was asked, of which exam.
    static func context(_ shell: WorkShell, tools: [KeyAction], title: String) -> HTMLText {
        tag(
            "section", ["class": "context", "aria-labelledby": "case-title"],
            tag(
                "div", ["class": "strip"], tag("h1", ["id": "case-title", "data-fill": "exam"], HTMLText(title)),
                tag("p", ["class": "count", "data-fill": "remaining"]),
                shell.guideline.map {
                    tag("p", ["class": "count"], tag("a", ["href": "/guideline"], "Guideline \(data($0))"))
                } ?? HTMLText(),
                .element(
                    "div", ["class": "tools", "role": "group", "aria-label": "Tools"],
                    tools.map { key in
                        switch key.action {
                        case "diff", "whole": Controls.act(key, style: "quiet", pressed: false)
                        case "study":
                            tag(
                                "a",
                                [
                                    "data-act": key.action, "aria-keyshortcuts": key.shortcut, "target": "_blank",
                                    "rel": "noopener noreferrer", "class": "button quiet", "hidden": "hidden",
                                ], HTMLText(key.label), tag("kbd", ["aria-hidden": "true"], HTMLText(key.shown)))
                        default: Controls.act(key, style: "quiet")
                        }
                    })),
            tag(
                "div",
                [
                    "class": "asked", "tabindex": "0", "role": "group", "aria-label": "What the texts answer",
                    "data-fill": "context",
                ]))
    }

    /// The two answers, side by side; in the document the left one comes first as a whole.
    static func answers(editable: Bool) -> HTMLText {
        func side(_ name: String, _ title: String) -> HTMLText {
            tag(
                "article", ["class": "answer", "data-side": name, "aria-labelledby": name + "-title"],
                tag("h2", ["id": name + "-title"], HTMLText(title)),
                tag("div", ["class": "words", "data-fill": name]),
                editable
                    ? tag(
                        "div", ["class": "revision", "hidden": "hidden"],
                        tag("label", ["for": name + "-revision"], "Your version"),
                        tag("textarea", ["id": name + "-revision", "data-revision": name, "spellcheck": "true"]))
                    : HTMLText())
        }
        return tag(
            "div",
            [
                "class": "answers", "tabindex": "0", "role": "group", "aria-label": "The two texts",
                "data-fill": "answers",
            ],
            side("left", "Left"), side("right", "Right"))
    }

    /// One line of fixed height: what happened last, and whether everything is kept.
    static var line: HTMLText {
        tag(
            "div", ["class": "line"],
            tag("p", ["class": "said", "role": "status", "aria-live": "polite", "data-fill": "said"]),
            tag("p", ["class": "kept", "role": "status", "aria-live": "polite", "data-fill": "kept"]))
    }

    /// What is shown in place of a case: nothing is left, or something is wrong.
    static var instead: HTMLText {
        tag(
            "section", ["class": "instead", "data-fill": "instead", "aria-live": "polite"],
            tag("p", [:], "Loading the next case \u{2026}"),
            HTMLText.element("noscript", [:], [tag("p", [:], "This page needs its script; allow JavaScript for it.")]))
    }

    /// The three strengths of a preference.
    static var strengths: HTMLText {
        .element(
            "fieldset", ["class": "strengths", "data-fill": "strengths", "disabled": "disabled"],
            [tag("legend", [:], "How much")]
                + [("1", "slightly"), ("2", "better"), ("3", "significantly")].map { value, label in
                    tag(
                        "label", [:], tag("input", ["type": "radio", "name": "strength", "value": value]),
                        tag("span", [:], HTMLText(label)))
                })
    }

    /// A note of the reader's.
    static func note(_ key: KeyAction, label: String) -> HTMLText {
        tag(
            "div", ["class": "noted"],
            tag(
                "label", ["for": "note"], HTMLText(label), " ",
                tag("kbd", ["aria-hidden": "true"], HTMLText(key.shown))),
            tag(
                "textarea",
                [
                    "id": "note", "data-act": key.action, "aria-keyshortcuts": key.shortcut, "maxlength": "4000",
                    "spellcheck": "true",
                ]))
    }

    /// ReXVal's six classes of error, with the API's names.
    static let categories: [(value: String, label: String)] = [
        ("false_finding", "False finding"), ("omitted_finding", "Omitted finding"),
        ("wrong_location", "Wrong location"), ("wrong_severity", "Wrong severity"),
        ("false_comparison", "False comparison"), ("omitted_comparison", "Omitted comparison"),
    ]
}
