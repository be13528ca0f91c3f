public import Markup

extension ReviewPages {
    /// How far the work is, how far the readers agree, how each reads.
    public static func progress(_ viewer: Viewer, _ figures: ProgressFigures) -> HTMLText {
        let tiles = [
            ("Pairs", NumberText.whole(figures.pairs), ""),
            ("Readings done", NumberText.whole(figures.answered), "of \(NumberText.whole(figures.places)) wanted"),
            ("On a screen now", NumberText.whole(figures.leased), ""),
            ("Disagreements", NumberText.whole(figures.conflicts), "not decided"),
            ("Decided", NumberText.whole(figures.adjudicated), "by a third reader"),
        ]
        var content = [tag("h1", [:], "Progress"), Self.tiles(tiles)]
        if figures.places > 0 {
            content.append(
                tag(
                    "p", ["class": "bar"],
                    tag("label", ["for": "done"], "Readings done"),
                    tag(
                        "progress",
                        ["id": "done", "max": String(figures.places), "value": String(figures.answered)])))
        }
        content.append(
            tag(
                "section", ["class": "card"], tag("h2", [:], "Agreement"),
                Controls.table(
                    "Agreement between readers", head: ["Measure", "Value", "95 % interval", "Pairs", ""],
                    figures.agreement.map { row in
                        [
                            HTMLText(row.label), HTMLText(row.value.map { NumberText.fixed($0) } ?? "not defined"),
                            HTMLText(interval(row.low, row.high)),
                            HTMLText(row.count.map(NumberText.whole) ?? "\u{2013}"),
                            HTMLText(row.undefined ?? ""),
                        ]
                    }),
                tag(
                    "p", ["class": "hint"],
                    "Alpha from 0.8 is good, from 0.67 tentative. Where all readers always say the same, it is not defined."
                )))
        content.append(
            tag(
                "section", ["class": "card"], tag("h2", [:], "Readers"), readers(figures.readers),
                tag(
                    "p", ["class": "hint"],
                    "Left share near 0.50 is what a reader without a habit has. Times tell how long a case takes; "
                        + "they judge nobody.")))
        if !figures.orders.isEmpty {
            content.append(
                tag(
                    "section", ["class": "card"], tag("h2", [:], "Order of the queue"),
                    Controls.form(
                        "/progress/order", csrf: viewer.csrf,
                        [
                            .element(
                                "fieldset", [:],
                                [tag("legend", [:], "Which pairs come first")]
                                    + figures.orders.map { order in
                                        tag(
                                            "label", [:],
                                            tag(
                                                "input",
                                                [
                                                    "type": "radio", "name": "order", "value": order.value,
                                                    "checked": order.isCurrent ? "checked" : "",
                                                ]), " \(order.label)")
                                    }), Controls.submit("Use this order"),
                        ]),
                    tag(
                        "p", ["class": "hint"],
                        "The order that a pair was picked by is kept with it, so that an analysis can undo the selection."
                    )))
        }
        return Frame(title: "Progress", viewer: viewer, place: .progress).document(content)
    }

    /// What the viewer did, all of it.
    public static func mine(_ viewer: Viewer, _ work: OwnWork) -> HTMLText {
        let own = work.figures
        let tiles = [
            ("Answers", NumberText.whole(own.answered), ""), ("Corrections", NumberText.whole(own.corrected), ""),
            ("Skipped", NumberText.whole(own.skipped), ""), ("Taken back", NumberText.whole(own.undone), ""),
            (
                "Time a case", own.medianActiveSeconds.map { NumberText.duration(seconds: $0) } ?? "\u{2013}",
                "median, active"
            ),
            (
                "Left share", own.leftShare.map { NumberText.fixed($0.share, decimals: 2) } ?? "\u{2013}",
                own.leftShare.map(words) ?? ""
            ),
            (
                "Agrees with self", own.selfAgreement.map { NumberText.fixed($0.share, decimals: 2) } ?? "\u{2013}",
                own.selfAgreement.map(words) ?? "on repeats"
            ),
        ]
        let rows = work.items.map { item in
            [
                tag("time", [:], HTMLText(item.at)), HTMLText(item.kind),
                item.isTakenBack ? tag("span", ["class": "back"], "taken back: \(item.answer)") : HTMLText(item.answer),
                item.detail.map { data($0) } ?? HTMLText(),
                HTMLText(item.activeSeconds.map { NumberText.duration(seconds: $0) } ?? "\u{2013}"),
            ]
        }
        let list =
            rows.isEmpty
            ? tag("p", [:], "Nothing yet.")
            : Controls.table(
                "Your answers, the newest first", head: ["When", "What", "Answer", "More", "Active time"],
                numbersFrom: 4,
                rows)
        return Frame(title: "My work", viewer: viewer, place: .mine).document([
            tag("h1", [:], "My work"), Self.tiles(tiles),
            tag(
                "p", ["class": "row"],
                tag(
                    "a", ["class": "button", "href": work.exportPath, "download": "my-work.jsonl"],
                    "Export everything you did (JSON lines)")), tag("section", ["class": "card"], list),
        ])
    }

    private static func tiles(_ tiles: [(label: String, value: String, more: String)]) -> HTMLText {
        .element(
            "dl", ["class": "tiles"],
            tiles.map { tile in
                tag(
                    "div", [:], tag("dt", [:], HTMLText(tile.label)),
                    tag(
                        "dd", [:], HTMLText(tile.value),
                        tile.more.utf8.isEmpty ? HTMLText() : tag("small", [:], HTMLText(tile.more))))
            })
    }

    private static func readers(_ readers: [ReaderFigures]) -> HTMLText {
        guard !readers.isEmpty else { return tag("p", [:], "Nobody has read anything yet.") }
        return Controls.table(
            "What each reader did",
            head: [
                "Reader", "Answers", "Corrected", "Skipped", "Taken back", "Median time", "Under 5 s", "Left share",
                "Agrees with self", "Planted errors found",
            ],
            readers.map { reader in
                [
                    data(reader.name), HTMLText(NumberText.whole(reader.answered)),
                    HTMLText(NumberText.whole(reader.corrected)), HTMLText(NumberText.whole(reader.skipped)),
                    HTMLText(NumberText.whole(reader.undone)),
                    HTMLText(reader.medianActiveSeconds.map { NumberText.duration(seconds: $0) } ?? "\u{2013}"),
                    HTMLText(NumberText.whole(reader.flaggedFast)), share(reader.leftShare),
                    share(reader.selfAgreement), share(reader.goldShare),
                ]
            })
    }

    private static func share(_ share: Share?) -> HTMLText {
        guard let share else { return "\u{2013}" }
        return HTMLText(NumberText.fixed(share.share, decimals: 2)) + tag("small", [:], HTMLText(words(share)))
    }

    private static func words(_ share: Share) -> String {
        "\(interval(share.low, share.high)), n \(NumberText.whole(share.count))"
    }

    private static func interval(_ low: Double?, _ high: Double?) -> String {
        guard let low, let high else { return "\u{2013}" }
        return "\(NumberText.fixed(low, decimals: 2)) to \(NumberText.fixed(high, decimals: 2))"
    }
}
