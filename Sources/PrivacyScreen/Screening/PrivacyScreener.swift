/// Looks through report text for what may identify a person.
///
/// It is *detection*: a text in which it finds nothing may still identify somebody, and it is no de-identification in the
/// sense of the law. `docs/privacy-screen.md` has its measured recall and false alarms.
public struct PrivacyScreener: Sendable {
    /// The version of the rules; a clearance holds for one version.
    public static let version = 1

    /// The least confidence of a finding that counts, 0 to 1.
    public let minimumConfidence: Double
    /// The facilities that are looked for by name.
    public let sites: SiteList

    /// The threshold that is used unless another is asked for; it counts every rule.
    public static let defaultConfidence = 0.3
    /// The threshold that leaves out lone words: fewer false alarms, and fewer names and places found.
    public static let surerConfidence = 0.5

    /// Makes a screener; `minimumConfidence` is between 0 and 1.
    public init(minimumConfidence: Double = defaultConfidence, sites: SiteList = SiteList()) {
        precondition((0...1).contains(minimumConfidence), "a confidence from 0 to 1, found \(minimumConfidence)")
        self.minimumConfidence = minimumConfidence
        self.sites = sites
    }

    /// What the text holds.
    ///
    /// - Parameters:
    ///   - text: a report or a part of one.
    ///   - known: names that the text's own message gives (patient, physicians), found in any case and any order of their
    ///     words; words of one letter are not looked for. The surest detector there is.
    public func screen(_ text: String, known: [String] = []) -> ScreeningResult {
        let tokens = Tokens(text)
        let found =
            KnownRules.findings(tokens, names: known) + KnownRules.findings(tokens, sites: sites)
            + NumberRules.findings(tokens) + ContactRules.findings(tokens) + DateRules.findings(tokens)
            + PlaceRules.findings(tokens) + NameRules.findings(tokens)
        let counted = found.filter { $0.confidence >= minimumConfidence }
        return ScreeningResult(findings: Finding.merged(Self.outsideBarriers(counted, tokens)))
    }

    /// The findings without what has been taken out already.
    private static func outsideBarriers(_ findings: [Finding], _ tokens: Tokens) -> [Finding] {
        let barriers = tokens.all.filter { $0.kind == .barrier }.map(\.range)
        guard !barriers.isEmpty else { return findings }
        return findings.flatMap { finding -> [Finding] in
            var pieces: [Finding] = []
            var start = finding.range.lowerBound
            for barrier in barriers where barrier.overlaps(finding.range) {
                if start < barrier.lowerBound { pieces.append(finding.at(start..<barrier.lowerBound)) }
                start = barrier.upperBound
            }
            if start < finding.range.upperBound { pieces.append(finding.at(start..<finding.range.upperBound)) }
            return pieces.filter { piece in
                tokens.all.contains {
                    ($0.kind == .word || $0.kind == .number) && $0.range.overlaps(piece.range)
                }
            }
        }
    }
}
