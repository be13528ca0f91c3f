public import Markup

extension ReviewPages {
    /// Two answers side by side, judged blind.
    public static func judge(_ viewer: Viewer, _ shell: WorkShell) -> HTMLText {
        pairs(
            .judge, viewer, shell, keys: KeyAction.judging, title: "Judge",
            question: "Which text would you rather have used for this patient\u{2019}s care?")
    }

    /// Outputs for held-out prompts, judged blind; the answers go into the win rates.
    public static func arena(_ viewer: Viewer, _ shell: WorkShell) -> HTMLText {
        pairs(
            .arena, viewer, shell, keys: KeyAction.arena, title: "Arena",
            question: "Arena: which text would you rather have used for this patient\u{2019}s care?")
    }

    private static func pairs(
        _ place: Frame.Place, _ viewer: Viewer, _ shell: WorkShell, keys: [KeyAction], title: String, question: String
    ) -> HTMLText {
        let frame = Frame(title: title, viewer: viewer, place: place, keys: keys, department: shell.department)
        let tools: [KeyAction] = [.diff, .whole, .study, .previous, .next, .undo]
        return frame.work(
            tag(
                "main", ["id": "main", "class": "pair", "tabindex": "-1", "data-state": "waiting"],
                CaseParts.context(shell, tools: tools, title: title),
                tag("p", ["class": "question"], HTMLText(question)),
                CaseParts.answers(editable: place == .judge), CaseParts.instead, CaseParts.line,
                tag(
                    "form", ["class": "dock", "data-fill": "dock", "aria-label": "Your answer"],
                    choices(editable: place == .judge), skipReasons,
                    tag(
                        "div", ["class": "reasons"], criteria, marks), CaseParts.note(.note, label: "Note"),
                    tag("div", ["class": "ends"], Controls.act(.clear), Controls.act(.save, style: "main")))))
    }

    private static func choices(editable: Bool) -> HTMLText {
        tag(
            "div", ["class": "choices", "role": "group", "aria-label": "Choice"],
            Controls.act(.left, style: "choice", pressed: false),
            Controls.act(.right, style: "choice", pressed: false),
            Controls.act(.good, style: "choice", pressed: false), Controls.act(.bad, style: "choice", pressed: false),
            CaseParts.strengths,
            tag(
                "div", ["class": "row rest"], Controls.act(.cannot, style: "choice", pressed: false),
                Controls.act(.skip, style: "choice", pressed: false),
                editable ? Controls.act(.edit) : HTMLText()))
    }

    /// Stands in the place of the choices while a case is skipped: a skip is never one stray key.
    private static var skipReasons: HTMLText {
        let reasons = [
            KeyAction("reason", "1", "Not my field", help: ""), KeyAction("reason", "2", "Interrupted", help: ""),
            KeyAction("reason", "3", "Know the patient", help: ""),
            KeyAction("reason", "4", "Too long now", help: ""),
            KeyAction("reason", "5", "Another reason", help: ""),
        ]
        return .element(
            "div", ["class": "choices skipping", "role": "group", "aria-label": "Why skip?", "hidden": "hidden"],
            [tag("p", ["class": "legend"], "Why skip? Your note is kept. Esc goes back.")]
                + reasons.map { Controls.act($0, style: "choice") })
    }

    private static var criteria: HTMLText {
        let names = [
            ("accuracy", "Accuracy"), ("completeness", "Completeness"), ("actionability", "Actionability"),
            ("brevity", "Brevity"), ("style", "Style"),
        ]
        return .element(
            "div", ["class": "criteria", "role": "group", "aria-labelledby": "criteria-title"],
            [
                tag(
                    "p", ["id": "criteria-title", "class": "legend"], "Why? At most two ",
                    tag("kbd", ["aria-hidden": "true"], "t"))
            ]
                + names.enumerated().map { index, name in
                    tag(
                        "button",
                        [
                            "type": "button", "data-criterion": name.0, "data-label": name.1,
                            "data-act": index == 0 ? KeyAction.tags.action : "",
                            "aria-keyshortcuts": index == 0 ? KeyAction.tags.shortcut : "",
                        ], tag("span", [:], HTMLText(name.1)), tag("b", [:], "\u{2013}"))
                })
    }

    private static var marks: HTMLText {
        tag(
            "div", ["class": "marks", "role": "group", "aria-labelledby": "marks-title"],
            tag(
                "p", ["id": "marks-title", "class": "legend"], "Errors: select words, then ",
                tag("kbd", [:], "m")),
            tag(
                "div", ["class": "row"],
                Controls.act(.mark),
                tag(
                    "span", ["class": "marking", "hidden": "hidden", "data-fill": "marking"],
                    tag("label", ["for": "mark-side", "class": "unseen"], "In which text"),
                    .element(
                        "select", ["id": "mark-side"],
                        [
                            tag("option", ["value": "left"], "Left"), tag("option", ["value": "right"], "Right"),
                        ]),
                    tag("label", ["for": "mark-category", "class": "unseen"], "Kind of error"),
                    .element(
                        "select", ["id": "mark-category"],
                        CaseParts.categories.map { tag("option", ["value": $0.value], HTMLText($0.label)) }),
                    tag(
                        "label", [:], tag("input", ["type": "checkbox", "id": "mark-significant"]), " significant"),
                    tag("button", ["type": "button", "data-act": "add-mark"], "Add"))),
            tag("ul", ["class": "marked", "data-fill": "marks", "aria-label": "Marked errors"]))
    }
}
