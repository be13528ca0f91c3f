/// How much a broken rule matters.
public enum Severity: String, Sendable, CaseIterable {
    /// What the text says may be wrong: a side, a measurement, a leftover of a template.
    case safety
    /// The text is not written as the department writes.
    case style
}

/// One rule of a convention set: what is checked, with its parameters, and how much it matters.
public struct ConventionRule: Sendable, Equatable {
    /// The rule's name in files and reports, such as `measurement-style`.
    public var id: String { kind.rawValue }
    /// The rule in one sentence, for readers of a report.
    public let description: String
    /// How much a broken rule matters.
    public let severity: Severity
    /// Which check it is.
    public let kind: Kind

    let parameters: Parameters

    /// The checks there are; the raw value is the rule's id.
    public enum Kind: String, Sendable, CaseIterable {
        /// The first line is the heading, alone and once.
        case sectionHeading = "section-heading"
        /// Every other line is an item, numbered from 1 without gaps.
        case numberedItems = "numbered-items"
        /// Each item is one statement with a full stop.
        case completeStatements = "complete-statements"
        /// No frames of the findings, no pointers to them, no normal findings beside abnormal ones.
        case noRestating = "no-restating"
        /// The side of an item is the side in the findings.
        case laterality
        /// Every measurement occurs in the findings.
        case measurementAgreement = "measurement-agreement"
        /// Measurements are written `7 mm` or `1.2 cm`.
        case measurementStyle = "measurement-style"
        /// Words are written out.
        case forbiddenAbbreviations = "forbidden-abbreviations"
        /// At most so many items and words.
        case length
        /// A recommendation is last, in its form, with its subject and interval.
        case recommendationForm = "recommendation-form"
        /// Nothing of a template, the prompt or the chat is left.
        case noLeftovers = "no-leftovers"
        /// No statement twice, no run of words over and over.
        case noRepetition = "no-repetition"
        /// No hedges.
        case noHedging = "no-hedging"
        /// No first person and no talk of an assistant.
        case noAssistantTalk = "no-assistant-talk"

        /// The parameters that the rule takes; all of them must be given.
        var parameterNames: [String] {
            switch self {
            case .sectionHeading: ["heading"]
            case .noRestating: ["frames", "pointers", "normal_phrases"]
            case .forbiddenAbbreviations: ["abbreviations"]
            case .length: ["max_items", "max_words"]
            case .recommendationForm: ["verb", "subjects", "forbidden"]
            case .noLeftovers: ["marks"]
            case .noHedging: ["hedges"]
            case .noAssistantTalk: ["phrases"]
            case .numberedItems, .completeStatements, .laterality, .measurementAgreement, .measurementStyle,
                .noRepetition:
                []
            }
        }

        /// Whether the rule compares the text with the findings.
        public var needsFindings: Bool { self == .laterality || self == .measurementAgreement }
    }

    /// The values of a rule's parameters, each under its name in the file.
    struct Parameters: Sendable, Equatable {
        var lists: [String: [Phrase]] = [:]
        var texts: [String: String] = [:]
        var numbers: [String: Int] = [:]

        /// The list of that name; the loader has made sure that it is there.
        func list(_ name: String) -> [Phrase] { lists[name] ?? [] }
        func text(_ name: String) -> String { texts[name] ?? "" }
        func number(_ name: String) -> Int { numbers[name] ?? 0 }
    }
}

/// A place where a text breaks a rule.
public struct ConventionFinding: Sendable, Equatable {
    /// The id of the broken rule.
    public let rule: String
    /// What is wrong, in words that quote nothing of the report but sides and the rule's own list.
    public let message: String
    /// The UTF-8 bytes of the checked text that it is about; empty at the end when something is lacking.
    public let range: Range<Int>
    /// The line of the range's start, from 1.
    public let line: Int
    /// The column of the range's start in bytes, from 1.
    public let column: Int
}

/// What one rule says about one text.
public struct RuleOutcome: Sendable, Equatable {
    /// The three answers of a rule.
    public enum Verdict: Sendable, Equatable {
        /// The text keeps the rule.
        case passed
        /// The text breaks the rule at these places, at least one.
        case failed([ConventionFinding])
        /// The text has nothing that the rule is about, or the findings it needs were not given.
        case notApplicable
    }

    /// The rule's id.
    public let rule: String
    /// How much the rule matters.
    public let severity: Severity
    /// The rule's answer.
    public let verdict: Verdict

    /// Whether the text keeps the rule.
    public var passed: Bool { verdict == .passed }
    /// Whether the text breaks the rule.
    public var failed: Bool { !findings.isEmpty }
    /// Whether the rule had something to judge.
    public var isApplicable: Bool { verdict != .notApplicable }
    /// The places where the text breaks the rule; empty when it does not.
    public var findings: [ConventionFinding] {
        if case .failed(let findings) = verdict { return findings }
        return []
    }
}
