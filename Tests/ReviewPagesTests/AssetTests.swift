import Foundation
import Markup
import MarkupChecking
import Testing

@testable import ReviewPages

@Suite("Assets")
struct AssetTests {
    @Test("the three assets are in the program, each at its own address, and pages name them by their bytes")
    func present() {
        #expect(Set(ReviewAsset.all.map(\.path)).count == 3)
        for asset in ReviewAsset.all {
            #expect(!asset.bytes.isEmpty && asset.version.utf8.count == 16)
            for (name, page) in EveryPage().all {
                #expect(page.markup.contains("\(asset.path)?v=\(asset.version)"), "\(name)")
            }
        }
        #expect(ReviewAsset(path: "/a", contentType: "b", bytes: []).version == "cbf29ce484222325")
        #expect(ReviewAsset(path: "/a", contentType: "b", bytes: Array("a".utf8)).version == "af63dc4c8601ec8c")
    }

    @Test("no asset asks another host, runs text as code or writes markup")
    func harmless() {
        for asset in ReviewAsset.all {
            let text = String(decoding: asset.bytes, as: UTF8.self)
            for word in [
                "http:/", "https:/", "@import", "url(", "eval(", "Function(", "innerHTML", "outerHTML",
                "insertAdjacentHTML", "document.write", "sessionStorage", "indexedDB", "document.cookie",
            ] {
                let own =
                    asset.path.hasSuffix(".svg")
                    ? text.replacing("xmlns=\"http://www.w3.org/2000/svg\"", with: "") : text
                #expect(!own.contains(word), "\(asset.path) has \(word)")
            }
        }
    }

    @Test("every place that the script fills or presses is on the page that it is for")
    func places() {
        let pages = EveryPage().all
        func names(_ attribute: String, on page: String) -> Set<String> {
            let markup = pages.first { $0.name == page }?.page.markup ?? ""
            return Set(MarkupChecker(markup).attributes.filter { $0.name == attribute }.map(\.value))
        }
        let judge: Set = [
            "exam", "context", "remaining", "left", "right", "answers", "instead", "said", "kept", "dock", "strengths",
            "marks", "marking",
        ]
        #expect(names("data-fill", on: "judge").isSuperset(of: judge))
        #expect(names("data-fill", on: "arena").isSuperset(of: judge))
        let deciding = judge.subtracting(["marks", "marking"]).union(["readers"])
        #expect(names("data-fill", on: "adjudicate").isSuperset(of: deciding))
        #expect(
            names("data-fill", on: "correct").isSuperset(of: [
                "exam", "context", "remaining", "changes", "hints", "instead", "said", "kept", "dock",
            ]))
        #expect(
            names("id", on: "judge").isSuperset(of: ["note", "mark-side", "mark-category", "mark-significant", "help"]))
        #expect(names("id", on: "correct").isSuperset(of: ["text", "reason", "significant", "changes-title"]))
        #expect(names("id", on: "adjudicate").isSuperset(of: ["note", "basis", "source"]))
        #expect(names("data-revision", on: "judge") == ["left", "right"])
        #expect(names("data-setting", on: "judge") == ["theme", "size", "keys", "mode"])
    }
}
