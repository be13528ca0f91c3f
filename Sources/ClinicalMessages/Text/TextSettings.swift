/// How a site's report text is cleaned.
public struct TextSettings: Sendable {
    /// What is done with markup inside HL7 text.
    public enum Markup: String, Sendable {
        /// It stays, as text.
        case keep
        /// It is read as HTML by the allow-list reader.
        case strip
    }

    /// Whether lines that were broken to fit a width are joined again.
    public var unwrapsLines = true
    /// What is done with markup inside HL7 text.
    public var markup = Markup.keep
    /// This site's own headings, before the built-in ones; case does not matter.
    public var headings: [String: ReportSection.Kind] = [:]
    /// Beginnings of lines that are no part of a report, besides the built-in ones; case does not matter.
    public var boilerplate: [String] = []
    /// Attestation sentences, besides the built-in ones; a sentence that shares most of its words is one too.
    public var attestations: [String] = []

    /// Makes settings with the defaults that suit most feeds.
    public init() {}
}
