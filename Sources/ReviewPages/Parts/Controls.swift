import Markup

/// Fields, buttons and notices as every page has them.
enum Controls {
    /// A form that sends its fields with the session's token.
    static func form(
        _ action: String, csrf: String, style: String = "", label: String = "", _ content: [HTMLText]
    ) -> HTMLText {
        .element(
            "form", ["method": "post", "action": action, "class": style, "aria-label": label],
            [tag("input", ["type": "hidden", "name": "csrf", "value": csrf])] + content)
    }

    /// A text field under its label; `hint` says what is allowed.
    static func field(
        _ name: String, _ label: String, kind: String = "text", value: String = "", complete: String = "off",
        hint: String? = nil, required: Bool = true, focused: Bool = false, longest: Int = 256
    ) -> HTMLText {
        let id = "field-" + name
        var parts = [
            tag("label", ["for": id], HTMLText(label)),
            tag(
                "input",
                [
                    "id": id, "name": name, "type": kind, "value": value, "autocomplete": complete,
                    "maxlength": String(longest), "required": required ? "required" : "",
                    "autofocus": focused ? "autofocus" : "", "spellcheck": "false",
                    "aria-describedby": hint == nil ? "" : id + "-hint",
                ]),
        ]
        if let hint { parts.append(tag("p", ["id": id + "-hint", "class": "hint"], HTMLText(hint))) }
        return .element("div", ["class": "field"], parts)
    }

    /// A choice of one under its label; the values and what is shown for them.
    static func choice(
        _ name: String, _ label: String, id: String, _ options: [(value: String, label: String)], chosen: String = ""
    ) -> HTMLText {
        tag("label", ["for": id], HTMLText(label))
            + .element(
                "select", ["id": id, "name": name],
                options.map { option in
                    tag(
                        "option", ["value": option.value, "selected": option.value == chosen ? "selected" : ""],
                        HTMLText(option.label))
                })
    }

    /// A button that sends its form.
    static func submit(_ label: String, style: String = "main") -> HTMLText {
        tag("button", ["type": "submit", "class": style], HTMLText(label))
    }

    /// A button of the script's, with its key.
    static func act(
        _ key: KeyAction, style: String = "", pressed: Bool? = nil, label: String? = nil
    ) -> HTMLText {
        let state = pressed.map { $0 ? "true" : "false" } ?? ""
        return tag(
            "button",
            [
                "type": "button", "data-act": key.action, "aria-keyshortcuts": key.shortcut, "class": style,
                "aria-pressed": state,
            ], tag("span", [:], HTMLText(label ?? key.label)), tag("kbd", ["aria-hidden": "true"], HTMLText(key.shown)))
    }

    /// A line that says what came of a form.
    static func notice(_ notice: Notice) -> HTMLText {
        let isProblem = notice.kind == .problem
        return tag(
            "p", ["class": isProblem ? "notice problem" : "notice", "role": isProblem ? "alert" : "status"],
            tag("strong", [:], isProblem ? "Not done." : "Done."), " \(notice.text)")
    }

    /// A table that scrolls in itself where the page is narrow, reachable by keyboard.
    static func table(
        _ caption: String, head: [String], numbersFrom: Int = 1, _ rows: [[HTMLText]]
    ) -> HTMLText {
        let heading = HTMLText.element(
            "tr", [:],
            head.enumerated().map { index, label in
                tag("th", ["scope": "col", "class": index >= numbersFrom ? "number" : ""], HTMLText(label))
            })
        let body = rows.map { cells in
            HTMLText.element(
                "tr", [:],
                cells.enumerated().map { index, cell in
                    index == 0
                        ? tag("th", ["scope": "row"], cell)
                        : tag("td", ["class": index >= numbersFrom ? "number" : ""], cell)
                })
        }
        return tag(
            "div", ["class": "scroll", "tabindex": "0", "role": "group", "aria-label": caption],
            tag(
                "table", [:], tag("caption", [:], HTMLText(caption)), tag("thead", [:], heading),
                .element("tbody", [:], body)))
    }

    /// A text as one segment of an address: every byte but letters, digits, `-`, `.`, `_` and `~` is escaped.
    ///
    /// RFC 3986, section 2.1.
    static func segment(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += (byte < 16 ? "%0" : "%") + digits
            }
        }
        return result
    }
}
