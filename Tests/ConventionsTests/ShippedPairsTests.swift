import Conventions
import Testing

@Suite("The pairs that ship")
struct ShippedPairsTests {
    let pairs: [ShippedData.Pair]
    let checker: ConventionChecker

    init() throws {
        pairs = try ShippedData.pairs()
        checker = ConventionChecker(try ConventionSet.load(path: ShippedData.conventions))
    }

    /// The ids of the rules that a text breaks.
    func broken(_ text: String, _ findings: String) -> [String] {
        checker.check(text, findings: findings).filter(\.failed).map(\.rule)
    }

    @Test("at least 160 cases to train and 48 held out, each its own patient, a third of those with an unseen kind")
    func counts() {
        let train = pairs.filter { $0.split == "train" }
        let heldOut = pairs.filter { $0.split == "held_out" }
        #expect(train.count >= 160)
        #expect(heldOut.count == 48 && train.count + heldOut.count == pairs.count)
        #expect(Set(pairs.map(\.patient)).count == pairs.count && Set(pairs.map(\.id)).count == pairs.count)
        let known = Set(train.flatMap(\.finding_kinds))
        for pair in pairs {
            #expect(pair.unseen_kind == pair.finding_kinds.contains { !known.contains($0) }, "\(pair.id)")
        }
        #expect(heldOut.count(where: \.unseen_kind) == 16)
    }

    @Test("half of the rejected texts have one content error, half are drafts or the base's outputs")
    func kinds() {
        let errors = pairs.count { $0.rejected_kind == "content_error" }
        #expect(abs(2 * errors - pairs.count) <= 1)
        #expect(Set(pairs.map(\.rejected_kind)) == ["content_error", "off_style", "base_output"])
    }

    @Test("every chosen text keeps every rule that applies, and enough rules apply")
    func chosenKeepEveryRule() {
        for pair in pairs {
            let outcomes = checker.check(pair.chosenText, findings: pair.findings)
            #expect(outcomes.allSatisfy { !$0.failed }, "\(pair.id): \(outcomes.flatMap(\.findings))")
            #expect(outcomes.count(where: \.passed) >= 9, "\(pair.id)")
        }
    }

    @Test("every draft and every base output breaks a rule")
    func draftsBreakARule() {
        for pair in pairs where pair.rejected_kind != "content_error" {
            #expect(!broken(pair.rejectedText, pair.findings).isEmpty, "\(pair.id)")
        }
    }

    @Test("a content error breaks no rule but those about content")
    func contentErrorsAreInStyle() {
        let aboutContent: Set = ["laterality", "measurement-agreement", "no-repetition", "no-restating"]
        for pair in pairs where pair.rejected_kind == "content_error" {
            #expect(aboutContent.isSuperset(of: broken(pair.rejectedText, pair.findings)), "\(pair.id)")
        }
    }

    @Test("a chosen text compares with itself as right as a whole")
    func chosenAreRight() {
        for pair in pairs {
            let content = ImpressionContent.compare(
                output: pair.chosenText, reference: pair.chosenText, findings: pair.findings)
            #expect(content.stated == pair.finding_kinds.count, "\(pair.id)")
            #expect(content.dropped + content.misstated + content.invented == 0, "\(pair.id)")
            #expect(content.isExact && !content.repeatsStatement && content.agreesOnNormal, "\(pair.id)")
            #expect(content.referenceIsNormal == pair.finding_kinds.isEmpty, "\(pair.id)")
        }
    }

    @Test("every finding of a chosen text stands in one sentence of the findings")
    func chosenAreExtractive() {
        for pair in pairs {
            let content = ImpressionContent.compare(
                output: pair.chosenText, reference: "IMPRESSION:", findings: pair.findings)
            #expect(content.invented == 0, "\(pair.id)")
        }
    }

    @Test("every content error is seen by the comparison or as a repeated line")
    func contentErrorsAreSeen() {
        for pair in pairs where pair.rejected_kind == "content_error" {
            let content = ImpressionContent.compare(
                output: pair.rejectedText, reference: pair.chosenText, findings: pair.findings)
            let seen =
                content.dropped + content.misstated + content.invented > 0 || content.repeatsStatement
                || [.missing, .wrong, .unneeded].contains(content.recommendation)
            #expect(seen && !content.isExact, "\(pair.id)")
        }
    }

    @Test("no held-out prompt is a near copy of a training prompt")
    func noNearCopies() {
        func runs(_ text: String) -> Set<[Substring]> {
            let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }
            return words.count < 8 ? [] : Set((0...words.count - 8).map { Array(words[$0..<$0 + 8]) })
        }
        let train = pairs.filter { $0.split == "train" }.map { runs($0.promptText) }
        for pair in pairs where pair.split == "held_out" {
            let own = runs(pair.promptText)
            for other in train {
                let shared = own.intersection(other).count
                #expect(2 * shared < own.count + other.count - shared, "\(pair.id)")
            }
        }
    }

    @Test("the few-shot examples are three training cases")
    func fewShotExamples() throws {
        let examples = try ShippedData.fewShot().examples
        #expect(examples.count == 3)
        for example in examples {
            let pair = try #require(pairs.first { $0.id == example.id })
            #expect(pair.split == "train")
            #expect(example.messages.map(\.content) == [pair.promptText, pair.chosenText])
            #expect(example.messages.map(\.role) == ["user", "assistant"])
        }
    }
}
