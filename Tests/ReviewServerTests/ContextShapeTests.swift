import Testing

@testable import ReviewServer

/// Prompts divided at their headings.
@Suite struct ContextShapeTests {
    @Test func headingsDivideAndNothingIsLost() {
        let parts = ContextShape.parts(
            of:
                "Write it.\n\nIndication: Pain.\nComparison: None.\r\nFindings: Line one.\nLine two at 10:30.\n\nNote that: x"
        )
        #expect(parts.map(\.heading) == [nil, "Indication", "Comparison", "Findings", "Note that"])
        #expect(parts.map(\.text) == ["Write it.", "Pain.", "None.", "Line one.\nLine two at 10:30.", "x"])
    }

    @Test func aTextWithoutHeadingsIsOnePart() {
        #expect(ContextShape.parts(of: "Ratio 1:2, seen at http://x").map(\.text) == ["Ratio 1:2, seen at http://x"])
        #expect(ContextShape.parts(of: "").isEmpty)
        #expect(ContextShape.parts(of: "\u{301}: a\nBefund:\nÜber").map(\.heading) == [nil, "Befund"])
    }
}
