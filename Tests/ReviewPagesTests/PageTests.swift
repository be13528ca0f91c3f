import Markup
import MarkupChecking
import Testing

@testable import ReviewPages

@Suite("The review's pages")
struct PageTests {
    static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "\"\u{301} autofocus onfocus=alert(1) x=\"",
        "<\u{301}b>", "' onload='alert(1)", "</textarea><script>", "</title><b>", "&lt;b&gt; & &#60;", "{{7*7}}",
        "\u{0}\u{8}\u{1B}[31m", "\u{202E}gnp.exe", "\u{2028}", "--><b>", "\r\n", "\n", "../../users",
        "javascript:alert(1)",
    ]

    @Test("each page is well-formed, with a title, a language and one main part")
    func wellFormed() {
        for (name, page) in EveryPage().all {
            let read = MarkupChecker(page.markup)
            #expect(read.faults.isEmpty, "\(name): \(read.faults.prefix(5))")
            #expect(read.skeleton.filter { $0.hasPrefix("main ") }.count == 1, "\(name)")
            #expect(read.skeleton.filter { $0 == "title" }.count == 1 && read.skeleton.contains("html lang"), "\(name)")
            #expect(read.skeleton.filter { $0 == "h1" || $0.hasPrefix("h1 ") }.count == 1, "\(name)")
        }
    }

    @Test("hostile text in every value adds no element and no attribute", arguments: hostile)
    func inert(_ payload: String) {
        let plain = EveryPage().all
        let attacked = EveryPage(text: { $0 + payload }).all
        for (before, after) in zip(plain, attacked) {
            let read = MarkupChecker(after.page.markup)
            #expect(read.faults.isEmpty, "\(after.name): \(read.faults.prefix(5))")
            #expect(read.skeleton == MarkupChecker(before.page.markup).skeleton, "\(after.name)")
        }
    }

    @Test("no page holds a script, a style, an event or an address of another host")
    func policy() {
        for (name, page) in EveryPage(text: { $0 + "javascript:x" }).all {
            let read = MarkupChecker(page.markup)
            #expect(!read.skeleton.contains { $0.hasPrefix("style") }, "\(name)")
            #expect(read.skeleton.filter { $0.hasPrefix("script") } == ["script src"], "\(name)")
            for attribute in read.attributes {
                #expect(!attribute.name.hasPrefix("on") && attribute.name != "style", "\(name): \(attribute)")
                guard ["href", "src", "action"].contains(attribute.name) else { continue }
                #expect(
                    attribute.value.hasPrefix("/") && !attribute.value.hasPrefix("//") || attribute.value == "#main",
                    "\(name): \(attribute)")
            }
        }
    }

    @Test("each field has a label, each button a name, each id stands once")
    func labels() {
        for (name, page) in EveryPage().all {
            let read = MarkupChecker(page.markup)
            let ids = read.attributes.filter { $0.name == "id" }.map(\.value)
            #expect(Set(ids).count == ids.count, "\(name): \(ids)")
            for reference in read.attributes
            where ["for", "aria-labelledby", "aria-describedby"].contains(reference.name) {
                #expect(ids.contains(reference.value), "\(name): \(reference)")
            }
            let labelled = Set(read.attributes.filter { $0.name == "for" }.map(\.value))
            let fields = read.attributes.filter {
                $0.name == "id" && ["select", "textarea"].contains($0.element)
            }
            for field in fields { #expect(labelled.contains(field.value), "\(name): \(field)") }
        }
    }

    @Test("every form that changes something sends the session's token")
    func tokens() {
        for (name, page) in EveryPage().all {
            let read = MarkupChecker(page.markup)
            let posts = read.attributes.filter { $0.element == "form" && $0.name == "method" }.count
            let tokens = read.attributes.filter { $0.element == "input" && $0.name == "name" && $0.value == "csrf" }
                .count
            #expect(posts == tokens, "\(name): \(posts) forms, \(tokens) tokens")
        }
    }

    @Test("keys of one page that are on the screen at once differ, and each button of the script has one")
    func keys() {
        for keys in [KeyAction.judging, KeyAction.arena, KeyAction.deciding, KeyAction.correcting] {
            #expect(Set(keys.map(\.shortcut)).count == keys.count)
            #expect(Set(keys.map(\.action)).count == keys.count)
        }
        for (name, page) in EveryPage().all where ["judge", "arena", "adjudicate", "correct"].contains(name) {
            let actions = Set(MarkupChecker(page.markup).attributes.filter { $0.name == "data-act" }.map(\.value))
            let keys =
                switch name {
                case "judge": KeyAction.judging
                case "arena": KeyAction.arena
                case "adjudicate": KeyAction.deciding
                default: KeyAction.correcting
                }
            for key in keys { #expect(actions.contains(key.action), "\(name): nothing is pressed by \(key.shown)") }
        }
    }

    @Test("a reviewer sees no link to what leads and administrators do")
    func roles() {
        func links(_ role: Viewer.Role) -> Set<String> {
            let page = ReviewPages.judge(Viewer(name: "a", role: role, csrf: "c"), WorkShell())
            return Set(MarkupChecker(page.markup).attributes.filter { $0.name == "href" }.map(\.value))
        }
        #expect(links(.reviewer).isDisjoint(with: ["/users", "/progress", "/adjudicate"]))
        #expect(links(.lead).isSuperset(of: ["/progress", "/adjudicate"]) && !links(.lead).contains("/users"))
        #expect(links(.administrator).contains("/users"))
    }

    @Test("an account's key is one segment of its forms' addresses, whatever it holds")
    func segments() {
        #expect(Controls.segment("a/../b?x=\u{E9}") == "a%2F..%2Fb%3Fx%3D%C3%A9")
        #expect(Controls.segment("b.lang_1~") == "b.lang_1~")
    }

    @Test("an empty page says so in words")
    func empty() {
        let viewer = Viewer(name: "a", role: .lead, csrf: "c")
        let none = ReaderFigures(
            name: "a", answered: 0, skipped: 0, corrected: 0, undone: 0, medianActiveSeconds: nil, leftShare: nil,
            selfAgreement: nil, goldShare: nil, flaggedFast: 0)
        #expect(ReviewPages.mine(viewer, OwnWork(figures: none, items: [])).markup.contains("Nothing yet."))
        let progress = ProgressFigures(
            pairs: 0, places: 0, answered: 0, leased: 0, conflicts: 0, adjudicated: 0, agreement: [], readers: [])
        #expect(ReviewPages.progress(viewer, progress).markup.contains("Nobody has read anything yet."))
        let guideline = ReviewPages.guideline(viewer, GuidelinePage(version: nil, text: "", mayPublish: false))
        #expect(guideline.markup.contains("No guideline has been published yet."))
    }
}
