public import Markup

extension ReviewPages {
    /// A draft in an editor beside its findings.
    public static func correct(_ viewer: Viewer, _ shell: WorkShell) -> HTMLText {
        let keys = KeyAction.correcting
        func key(_ action: String) -> KeyAction { keys.first { $0.action == action } ?? .help }
        let frame = Frame(
            title: "Correct", viewer: viewer, place: .correct, keys: keys, department: shell.department,
            hints: shell.hints)
        return frame.work(
            tag(
                "main", ["id": "main", "class": "draft", "tabindex": "-1", "data-state": "waiting"],
                CaseParts.context(shell, tools: [key("edit"), key("restore"), .diff, .study], title: "Correct"),
                tag(
                    "section", ["class": "changes", "aria-labelledby": "changes-title"],
                    tag("h2", ["id": "changes-title"], "What you changed"),
                    tag(
                        "div",
                        [
                            "class": "words", "data-fill": "changes", "tabindex": "0", "role": "group",
                            "aria-labelledby": "changes-title",
                        ], tag("p", ["class": "hint"], "Nothing yet."))),
                tag(
                    "section", ["class": "editor"],
                    tag(
                        "h2", [:],
                        tag("label", ["for": "text"], "The text, as you would sign it")),
                    tag("textarea", ["id": "text", "spellcheck": "true", "maxlength": "60000"]),
                    tag(
                        "div", ["class": "hints", "aria-live": "off"],
                        tag("h3", [:], shell.hints ? "House style" : "House style: hints are switched off"),
                        tag("ul", ["data-fill": "hints", "aria-label": "What the checker finds"]))), CaseParts.instead,
                CaseParts.line,
                tag(
                    "form", ["class": "dock", "data-fill": "dock", "aria-label": "Your correction"],
                    tag(
                        "div", ["class": "row"],
                        Controls.choice(
                            "reason", "Main reason", id: "reason",
                            [("none", "no error: wording")] + CaseParts.categories.map { ($0.value, $0.label) }),
                        tag(
                            "label", [:], tag("input", ["type": "checkbox", "id": "significant"]),
                            " clinically significant")),
                    tag(
                        "div", ["class": "row ends"], Controls.act(key("accepted")), Controls.act(.cannot),
                        Controls.act(.skip),
                        Controls.act(key("save"), style: "main")))))
    }

    /// Pairs over which readers disagree, for a third one.
    public static func adjudicate(_ viewer: Viewer, _ shell: WorkShell) -> HTMLText {
        let frame = Frame(
            title: "Adjudicate", viewer: viewer, place: .adjudicate, keys: KeyAction.deciding,
            department: shell.department)
        let sources = [
            ("none", "not stated"), ("ambiguous", "the case is ambiguous"),
            ("guideline_gap", "the guideline has a gap"),
            ("reader_error", "a reader erred"), ("edge_case", "an edge case"), ("preference", "a matter of taste"),
            ("other", "something else"),
        ]
        let bases = [
            ("third_reader", "own reading"), ("majority", "the majority"), ("unanimous", "all, after talking"),
        ]
        return frame.work(
            tag(
                "main", ["id": "main", "class": "pair", "tabindex": "-1", "data-state": "waiting"],
                CaseParts.context(shell, tools: [.diff, .whole, .study, .previous, .next], title: "Adjudicate"),
                tag("p", ["class": "question"], "Two readers disagree. Choose first; then their answers are shown."),
                CaseParts.answers(editable: false), CaseParts.instead, CaseParts.line,
                tag(
                    "form", ["class": "dock", "data-fill": "dock", "aria-label": "Your decision"],
                    tag(
                        "div", ["class": "choices", "role": "group", "aria-label": "Decision"],
                        Controls.act(.left, style: "choice", pressed: false),
                        Controls.act(.right, style: "choice", pressed: false),
                        Controls.act(.good, style: "choice", pressed: false),
                        Controls.act(.bad, style: "choice", pressed: false), CaseParts.strengths,
                        tag("div", ["class": "row rest"], Controls.act(.exclude, style: "choice", pressed: false)),
                        tag(
                            "div", ["class": "basis"], Controls.choice("basis", "Decided by", id: "basis", bases),
                            Controls.choice("source", "Why they differ", id: "source", sources))),
                    tag(
                        "div", ["class": "reasons"],
                        tag("p", ["class": "legend", "id": "readers-title"], "What the readers said"),
                        tag(
                            "div",
                            [
                                "class": "readers", "data-fill": "readers", "role": "group", "tabindex": "0",
                                "aria-labelledby": "readers-title",
                            ]),
                        HTMLText()),
                    CaseParts.note(.note, label: "Note"),
                    tag("div", ["class": "ends"], Controls.act(.clear), Controls.act(.save, style: "main")))))
    }
}
