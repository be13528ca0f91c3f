public import Diagnostics
import FoundationEssentials
import StrictYAML

/// A department's reporting conventions: a named, versioned list of rules, read from a YAML file.
///
/// The file is strict YAML without anchors, aliases, tags and block texts:
/// ```yaml
/// name: house-style
/// version: 1
/// description: "What the set is for."
/// rules:
///   - id: length
///     description: "At most five items and sixty words."
///     severity: style
///     parameters: {max_items: 5, max_words: 60}
/// ```
public struct ConventionSet: Sendable, Equatable {
    /// The set's name.
    public let name: String
    /// The set's version, 1 or more; comparisons are only made under one version.
    public let version: Int
    /// What the set is for, in one sentence.
    public let description: String
    /// The rules in the file's order, each kind at most once.
    public let rules: [ConventionRule]

    /// The largest file that is read, in bytes.
    static let largestFile = 1 << 20

    /// Reads a convention set from a file.
    ///
    /// - Throws: `Refusal` when the file cannot be read, is no strict YAML, or has an unknown, missing or unfit value.
    public static func load(path: String) throws(Refusal) -> ConventionSet {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Refusal(
                code: "conventions.unreadable", at: path, "the convention set cannot be read",
                mend: "give the path of a YAML file, such as Preferences/conventions/house-style.yaml")
        }
        guard data.count <= largestFile else {
            throw Refusal(
                code: "conventions.too-large", at: path,
                "the file has \(data.count) bytes; a convention set has at most \(largestFile)",
                mend: "give a convention set")
        }
        return try ConventionSet(parsing: [UInt8](data), named: path)
    }

    /// Reads a convention set from the bytes of a file; `named` is the file's name in refusals.
    ///
    /// - Throws: `Refusal` with `named:line:column` when the bytes are no convention set.
    public init(parsing bytes: [UInt8], named: String) throws(Refusal) {
        let root = try YAMLDocument(bytes, named: named, area: "conventions").root
        try root.allowOnly(["name", "version", "description", "rules"], what: "key of a convention set")
        name = try root.member("name").text()
        version = try root.member("version").integer(in: 1...1_000_000)
        description = try root.member("description").text()
        var rules: [ConventionRule] = []
        for entry in try root.member("rules").entries() {
            let rule = try Self.rule(entry)
            guard !rules.contains(where: { $0.kind == rule.kind }) else {
                throw try entry.member("id").refusal(
                    "conventions.repeated-rule", "the rule is given twice", mend: "keep one of the two")
            }
            rules.append(rule)
        }
        guard !rules.isEmpty else {
            throw try root.member("rules").refusal(
                "conventions.no-rules", "the set has no rules", mend: "give at least one rule")
        }
        self.rules = rules
    }

    private static func rule(_ entry: YAMLValue) throws(Refusal) -> ConventionRule {
        try entry.allowOnly(["id", "description", "severity", "parameters"], what: "key of a rule")
        let kind = try entry.member("id").choice(ConventionRule.Kind.allCases, what: "rule")
        let severity = try entry.member("severity").choice(Severity.allCases, what: "severity")
        var parameters = ConventionRule.Parameters()
        if let given = entry.optionalMember("parameters") {
            guard !kind.parameterNames.isEmpty else {
                throw given.refusal(
                    "conventions.unknown-key", "the rule \(kind.rawValue) takes no parameters", mend: "leave them out")
            }
            try given.allowOnly(kind.parameterNames, what: "parameter of \(kind.rawValue)")
        }
        for name in kind.parameterNames {
            let value = try entry.member("parameters").member(name)
            switch name {
            case "heading", "verb": parameters.texts[name] = try value.text()
            case "max_items": parameters.numbers[name] = try value.integer(in: 1...100)
            case "max_words": parameters.numbers[name] = try value.integer(in: 1...10_000)
            default:
                var phrases: [Phrase] = []
                for item in try value.entries() { phrases.append(Phrase(try item.text())) }
                guard !phrases.isEmpty else {
                    throw value.refusal(
                        "conventions.empty-list", "the list is empty", mend: "give an entry, or leave the rule out")
                }
                parameters.lists[name] = phrases
            }
        }
        return ConventionRule(
            description: try entry.member("description").text(), severity: severity, kind: kind, parameters: parameters)
    }
}
