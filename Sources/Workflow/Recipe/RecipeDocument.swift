import Diagnostics
import Yams

/// One line of a recipe: a key, where it stands, and its value.
struct RecipeEntry {
    let key: String
    /// `file:line:column`, or `--set KEY`.
    let place: String
    let value: RecipeValue
}

/// What a key of a recipe may hold before its kind is known.
enum RecipeValue {
    case scalar(RecipeScalar)
    case list([RecipeScalar], place: String)
    case mapping(place: String)
}

/// One word or number, as written.
struct RecipeScalar {
    let text: String
    let isQuoted: Bool
    let place: String

    /// What YAML 1.1 readers take for flags or for nothing.
    static let flagWords = ["no", "yes", "on", "off", "true", "false", "null", "~", "y", "n"]

    /// The value for a message.
    var shown: String { isQuoted ? "\"\(text.shown)\" in quotes" : text.isEmpty ? "empty" : text.shown }
}

/// Reads the small part of YAML that a recipe needs, and refuses the rest by name.
///
/// Anchors, aliases, tags, block texts and further documents are refused by a scan of the lines before the YAML library
/// sees the text: it has no limit on what aliases expand to, and a mapping with an alias for a key costs it seconds.
enum RecipeDocument {
    /// The entries of a recipe's text in the file's order.
    static func entries(of text: String, named name: String) throws(Refusal) -> [RecipeEntry] {
        try RecipeScan.check(text, named: name)
        guard let root = try compose(text, named: name) else { return [] }
        guard let mapping = root.mapping else {
            throw Refusal(
                code: "recipe.syntax", at: name, "the text is not a list of \"key: value\" lines",
                mend: "start from Recipes/impression-dpo.yaml")
        }
        var entries: [RecipeEntry] = []
        for (keyNode, node) in mapping {
            let place = place(keyNode.mark, name)
            guard let key = keyNode.scalar?.string else {
                throw Refusal(
                    code: "recipe.syntax", at: place, "a key is not a word", mend: "write \"key: value\" on one line")
            }
            entries.append(RecipeEntry(key: key, place: place, value: try value(node, named: name)))
        }
        return entries
    }

    /// The entry that `key=value` on the command line stands for.
    static func override(_ text: String) throws(Refusal) -> RecipeEntry {
        guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")), equals != text.startIndex else {
            throw Refusal(
                code: "recipe.override", at: "--set", "an override has no \"key=\" at its start",
                mend: "write --set key=value, such as --set beta=0.2")
        }
        let key = String(text[..<equals])
        let place = "--set \(key.shown)"
        guard
            key.utf8.allSatisfy({
                $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            })
        else {
            throw RecipeKey.unknown(RecipeEntry(key: key, place: place, value: .mapping(place: place)))
        }
        let line = "\(key): \(text[text.index(after: equals)...])"
        guard !line.utf8.contains(where: { $0 == 10 || $0 == 13 }) else {
            throw Refusal(
                code: "recipe.override", at: place, "the value runs over several lines", mend: "write it on one line")
        }
        let entries = try Self.entries(of: line, named: place)
        guard let entry = entries.first, entries.count == 1 else {
            throw Refusal(
                code: "recipe.override", at: place, "there is no value", mend: "write --set \(key.shown)=value")
        }
        return RecipeEntry(key: entry.key, place: place, value: entry.value.moved(to: place))
    }

    private static func compose(_ text: String, named name: String) throws(Refusal) -> Node? {
        do {
            return try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw refusal(error, name)
        } catch {
            throw Refusal(
                code: "recipe.syntax", at: name, "the text is not YAML", mend: "start from Recipes/impression-dpo.yaml")
        }
    }

    private static func refusal(_ error: YamlError, _ name: String) -> Refusal {
        let remedy = "write \"key: value\", one a line, as in Recipes/impression-dpo.yaml"
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return Refusal(code: "recipe.syntax", at: place(mark, name), "not YAML: \(problem)", mend: remedy)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let key = duplicates.first ?? ""
            let line = secondLine(of: key, in: context.text)
            return Refusal(
                code: "recipe.duplicate-key", at: line.map { "\(name):\($0):1" } ?? place(context.mark, name),
                "the key \"\(key.shown)\" appears twice", mend: "keep one of the two lines")
        default:
            return Refusal(code: "recipe.syntax", at: name, "the text is not YAML", mend: remedy)
        }
    }

    /// The number of the second line that starts with the key; nil where it is written some other way.
    private static func secondLine(of key: String, in text: String) -> Int? {
        let lines = text.utf8.split(separator: 10, omittingEmptySubsequences: false)
        let matches = lines.enumerated().filter { $0.element.starts(with: Array((key + ":").utf8)) }
        return matches.count > 1 ? matches[1].offset + 1 : nil
    }

    private static func value(_ node: Node, named name: String) throws(Refusal) -> RecipeValue {
        switch node {
        case .scalar(let scalar):
            return .scalar(word(scalar, name))
        case .sequence(let sequence):
            var items: [RecipeScalar] = []
            for item in sequence {
                guard let scalar = item.scalar else {
                    throw Refusal(
                        code: "recipe.wrong-kind", at: place(item.mark, name), "a list holds another list or a mapping",
                        mend: "list words or numbers only")
                }
                items.append(word(scalar, name))
            }
            return .list(items, place: place(sequence.mark, name))
        case .mapping(let mapping):
            return .mapping(place: place(mapping.mark, name))
        case .alias(let alias):
            throw RecipeScan.anchor(at: place(alias.mark, name))
        }
    }

    private static func word(_ scalar: Node.Scalar, _ name: String) -> RecipeScalar {
        let isQuoted = scalar.style == .singleQuoted || scalar.style == .doubleQuoted
        return RecipeScalar(text: scalar.string, isQuoted: isQuoted, place: place(scalar.mark, name))
    }

    private static func place(_ mark: Mark?, _ name: String) -> String {
        mark.map { "\(name):\($0.line):\($0.column)" } ?? name
    }
}

extension RecipeValue {
    /// The same value said to stand elsewhere, for overrides, which have no line.
    func moved(to place: String) -> RecipeValue {
        switch self {
        case .scalar(let word): .scalar(word.moved(to: place))
        case .list(let items, _): .list(items.map { $0.moved(to: place) }, place: place)
        case .mapping: .mapping(place: place)
        }
    }
}

extension RecipeScalar {
    fileprivate func moved(to place: String) -> RecipeScalar {
        RecipeScalar(text: text, isQuoted: isQuoted, place: place)
    }
}
