import Markup

/// The keys of a page, and how the reader wants it to look and to listen; shown on demand.
struct HelpDialog {
    var keys: [KeyAction]

    var html: HTMLText {
        var parts = [tag("h2", ["id": "help-title"], keys.isEmpty ? "Display" : "Keys and display")]
        if !keys.isEmpty {
            parts.append(
                .element(
                    "dl", ["class": "keys"],
                    keys.map {
                        tag(
                            "div", [:], tag("dt", [:], tag("kbd", [:], HTMLText($0.shown))),
                            tag("dd", [:], HTMLText($0.help)))
                    }))
        }
        parts.append(
            tag(
                "div", ["class": "settings"],
                Self.setting(
                    "theme", "Colours", [("dark", "Dark"), ("light", "Light"), ("system", "As the system has it")]),
                Self.setting("size", "Text size", [("100", "Normal"), ("115", "Larger"), ("130", "Largest")])))
        if !keys.isEmpty {
            parts.append(
                tag(
                    "div", ["class": "settings"],
                    Self.setting(
                        "keys", "Keys",
                        [("plain", "Single keys"), ("alt", "Only together with Alt"), ("off", "Off: buttons only")]),
                    Self.setting(
                        "mode", "Saving",
                        [("careful", "Careful: Enter saves"), ("quick", "Quick: the first key saves, after a moment")]))
            )
            parts.append(
                tag(
                    "p", ["class": "hint"],
                    "Keys do nothing while you write in a field, so that a dictated word never votes. "
                        + "Ctrl is not offered because Ctrl+W and Ctrl+T belong to the browser."))
        }
        parts.append(
            tag(
                "p", ["class": "row"],
                tag("button", ["type": "button", "data-act": "close-help", "class": "main"], "Close")))
        return .element("dialog", ["id": "help", "aria-labelledby": "help-title"], parts)
    }

    private static func setting(
        _ name: String, _ label: String, _ options: [(value: String, label: String)]
    ) -> HTMLText {
        .element(
            "fieldset", ["data-setting": name],
            [tag("legend", [:], HTMLText(label))]
                + options.map { option in
                    tag(
                        "label", [:], tag("input", ["type": "radio", "name": "set-" + name, "value": option.value]),
                        " \(option.label)")
                })
    }
}
