import Foundation
import Testing

@testable import Workflow

@Suite("The recipes that ship and their reference")
struct RecipeReferenceTests {
    /// The package's root, found from this file's own path.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test("Recipes/README.md holds the table of keys that the program reads")
    func reference() throws {
        let url = Self.root.appending(path: "Recipes/README.md")
        let text = try String(contentsOf: url, encoding: .utf8)
        let begin = try #require(text.range(of: "<!-- keys: begin -->\n"))
        let end = try #require(text.range(of: "<!-- keys: end -->"))
        let written = String(text[begin.upperBound..<end.lowerBound])
        if written != RecipeReference.markdownTable, ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
            let mended = text[..<begin.upperBound] + RecipeReference.markdownTable + text[end.lowerBound...]
            try String(mended).write(to: url, atomically: true, encoding: .utf8)
        }
        #expect(
            written == RecipeReference.markdownTable, "run the tests once with RECORD_SNAPSHOTS=1 and read the change")
    }

    @Test("the recipes that ship are read, and differ in the loss alone")
    func shipped() throws {
        let preference = try Recipe(path: Self.root.appending(path: "Recipes/impression-dpo.yaml").path)
        let imitation = try Recipe(path: Self.root.appending(path: "Recipes/impression-sft.yaml").path)
        #expect(preference.lossTypes == ["sigmoid", "sft"])
        #expect(imitation.lossTypes == ["sft"])
        var same = imitation
        same.lossTypes = preference.lossTypes
        same.lossWeights = preference.lossWeights
        same.outputDirectory = preference.outputDirectory
        same.givenKeys = preference.givenKeys
        #expect(same == preference)
    }
}
