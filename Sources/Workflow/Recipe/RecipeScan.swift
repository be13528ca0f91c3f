import Diagnostics

/// Looks over a recipe's lines for what a recipe may not hold, before any YAML library sees them.
///
/// It works line by line: a quoted text must end on the line where it starts, so that nothing can hide behind an open
/// quote. What is refused: anchors and aliases, tags, directives, a second document, block texts, tabs as indentation,
/// complex keys, and nesting deeper than two brackets.
enum RecipeScan {
    /// The refusal of an anchor or an alias at a place.
    static func anchor(at place: String) -> Refusal {
        Refusal(
            code: "recipe.anchor", at: place, "anchors and aliases (& and *) are not used in recipes",
            mend: "write the value out, or put it in quotes if it is a text")
    }

    /// Refuses the text if a line holds something that a recipe may not.
    static func check(_ text: String, named name: String) throws(Refusal) {
        var sawContent = false
        for (index, line) in lines(of: text).enumerated() {
            func refuse(_ problem: String, _ column: Int, _ words: String, _ remedy: String) -> Refusal {
                Refusal(code: "recipe.\(problem)", at: "\(name):\(index + 1):\(column + 1)", words, mend: remedy)
            }
            if line.starts(with: Array("---".utf8)) || line.starts(with: Array("...".utf8)) {
                if sawContent {
                    throw refuse("documents", 0, "a second document starts here", "keep one document in the file")
                }
                if line.count > 3, line[3] != space {
                    throw refuse("syntax", 0, "a line starts with dashes", "write \"key: value\"")
                }
            }
            if line.first == UInt8(ascii: "%") {
                throw refuse("tag", 0, "a YAML directive", "leave the line out")
            }
            if let tab = line.firstIndex(of: 9), line[..<tab].allSatisfy({ $0 == space }) {
                throw refuse("syntax", tab, "a tab stands before the first word", "indent with spaces")
            }
            try checkTokens(of: line, refuse: refuse)
            if line.contains(where: { $0 != space }) && line.first != UInt8(ascii: "#") { sawContent = true }
        }
    }

    private static let space = UInt8(ascii: " ")

    private static func lines(of text: String) -> [[UInt8]] {
        var lines: [[UInt8]] = [[]]
        for byte in text.utf8 {
            if byte == 10 { lines.append([]) } else if byte != 13 { lines[lines.count - 1].append(byte) }
        }
        return lines
    }

    private static func checkTokens(
        of line: [UInt8], refuse: (String, Int, String, String) -> Refusal
    ) throws(Refusal) {
        var atStart = true
        var depth = 0
        var index = 0
        while index < line.count {
            let byte = line[index]
            let followsSpace = index == 0 || line[index - 1] == space || line[index - 1] == 9
            if byte == UInt8(ascii: "#"), followsSpace { return }
            if atStart {
                switch byte {
                case UInt8(ascii: "&"), UInt8(ascii: "*"):
                    let refusal = refuse("anchor", index, "", "")
                    throw anchor(at: refusal.location)
                case UInt8(ascii: "!"):
                    throw refuse("tag", index, "tags (!) are not used in recipes", "write the plain value")
                case UInt8(ascii: "|"), UInt8(ascii: ">"):
                    throw refuse("syntax", index, "a text over several lines", "write the value on the key's line")
                case UInt8(ascii: "?") where index + 1 == line.count || line[index + 1] == space:
                    throw refuse("syntax", index, "a complex key (?)", "write \"key: value\"")
                case UInt8(ascii: "'"), UInt8(ascii: "\""):
                    guard let end = closingQuote(of: line, from: index) else {
                        throw refuse(
                            "syntax", index, "a quoted text does not end on its line",
                            "close the quote on the same line")
                    }
                    index = end + 1
                    atStart = false
                    continue
                default: break
                }
            }
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                guard depth <= 2 else {
                    throw refuse(
                        "syntax", index, "brackets within brackets within brackets", "list words or numbers only")
                }
                atStart = true
            case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "]"), UInt8(ascii: "}"):
                atStart = true
            case UInt8(ascii: "-") where atStart && (index + 1 == line.count || line[index + 1] == space):
                atStart = true
            case space, 9:
                // A space keeps the state; after a word it also opens the way to a token that YAML would see there.
                if index > 0, line[index - 1] == UInt8(ascii: ":") { atStart = true }
            default:
                atStart = false
            }
            index += 1
        }
    }

    private static func closingQuote(of line: [UInt8], from start: Int) -> Int? {
        let quote = line[start]
        var index = start + 1
        while index < line.count {
            if line[index] == quote {
                let isDoubled = quote == UInt8(ascii: "'") && index + 1 < line.count && line[index + 1] == quote
                if !isDoubled { return index }
                index += 1
            } else if line[index] == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                index += 1
            }
            index += 1
        }
        return nil
    }
}
