/// The rules about heading, items, statements, length and repetition.
enum FormRules {
    static func sectionHeading(_ text: CheckedText, heading: String) -> RuleAnswer {
        let wanted = Array(heading.utf8)
        guard let first = text.outline.lines.first else {
            return .broken([BrokenPlace(text.whole, "the text is empty; it begins with '\(heading)'")])
        }
        guard Array(text.bytes[first.range]) == wanted else {
            let begins = text.bytes[first.range].starts(with: wanted)
            return .broken([
                BrokenPlace(
                    first.range, begins ? "'\(heading)' is not alone on its line" : "the first line is not '\(heading)'"
                )
            ])
        }
        let again = text.outline.lines.dropFirst().filter(\.isHeading)
        return .broken(again.map { BrokenPlace($0.range, "a second section heading") })
    }

    static func numberedItems(_ text: CheckedText) -> RuleAnswer {
        let lines = text.outline.lines.filter { !($0.isHeading && $0.body.isEmpty) }
        guard !lines.isEmpty else { return .broken([BrokenPlace(text.whole, "there is no item")]) }
        var places: [BrokenPlace] = []
        for (index, line) in lines.enumerated() {
            switch line.marker {
            case .number(let number) where !line.isHeading:
                if number != index + 1 {
                    places.append(BrokenPlace(line.range, "item \(index + 1) has the number \(number)"))
                }
            case .number, .none: places.append(BrokenPlace(line.range, "this line has no number of its own"))
            case .other: places.append(BrokenPlace(line.range, "an item begins with its number and a full stop"))
            }
        }
        return .broken(places)
    }

    static func completeStatements(_ text: CheckedText) -> RuleAnswer {
        let items = text.outline.lines.indices.filter {
            text.outline.items.map(\.range).contains(text.outline.lines[$0].range)
        }
        guard !items.isEmpty else { return .notApplicable }
        var places: [BrokenPlace] = []
        for index in items {
            let body = text.outline.lines[index].body
            let count = text.outline.statements.count(where: { $0.line == index })
            if count == 0 {
                places.append(BrokenPlace(text.outline.lines[index].range, "the item says nothing"))
                continue
            }
            if count > 1 { places.append(BrokenPlace(body, "the item has \(count) statements instead of one")) }
            if text.bytes[body.upperBound - 1] != 0x2E {
                places.append(BrokenPlace((body.upperBound - 1)..<body.upperBound, "the item ends without a full stop"))
            }
            let first = text.bytes[body.lowerBound]
            if first >= 0x61 && first <= 0x7A {
                places.append(BrokenPlace(body.lowerBound..<body.lowerBound + 1, "the item begins with a small letter"))
            }
        }
        return .broken(places)
    }

    static func length(_ text: CheckedText, maxItems: Int, maxWords: Int) -> RuleAnswer {
        guard !text.outline.lines.isEmpty else { return .notApplicable }
        let lines = text.outline.lines.filter { !($0.isHeading && $0.body.isEmpty) }
        let words = lines.flatMap { TextScan.words(text.bytes, in: $0.body) }
        var places: [BrokenPlace] = []
        if lines.count > maxItems {
            places.append(BrokenPlace(lines[maxItems].range, "\(lines.count) items; at most \(maxItems) are allowed"))
        }
        if words.count > maxWords {
            places.append(BrokenPlace(words[maxWords].range, "\(words.count) words; at most \(maxWords) are allowed"))
        }
        return .broken(places)
    }

    /// How many words make a run, and how often a run may occur.
    private static let runLength = 4
    private static let mostRuns = 2

    static func noRepetition(_ text: CheckedText) -> RuleAnswer {
        guard !text.outline.statements.isEmpty else { return .notApplicable }
        var seen: Set<[String]> = []
        var places: [BrokenPlace] = []
        for statement in text.outline.statements {
            let words = TextScan.words(text.bytes, in: statement.range).map(\.text)
            if !seen.insert(words).inserted { places.append(BrokenPlace(statement.range, "this was said before")) }
        }
        let words = text.outline.lines.flatMap { TextScan.words(text.bytes, in: $0.body) }
        var runs: [[String]: Int] = [:]
        var start = 0
        while places.isEmpty, start + runLength <= words.count {
            let run = words[start..<start + runLength]
            let count = runs[run.map(\.text), default: 0] + 1
            runs[run.map(\.text)] = count
            if count > mostRuns {
                let range = words[start].range.lowerBound..<words[start + runLength - 1].range.upperBound
                places.append(BrokenPlace(range, "the same \(runLength) words for the \(count)rd time"))
            }
            start += 1
        }
        return .broken(places)
    }
}
