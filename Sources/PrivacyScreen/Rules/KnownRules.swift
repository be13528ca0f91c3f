/// What the caller knows beforehand: the names of the text's own message, and the site's facilities.
enum KnownRules {
    /// Each of the names' words of two letters or more, in any case; adjacent ones make one finding.
    static func findings(_ tokens: Tokens, names: [String]) -> [Finding] {
        let words = Set(names.flatMap { Tokens($0).all.filter { $0.kind == .word && $0.text.count > 1 }.map(\.lower) })
        guard !words.isEmpty else { return [] }
        var findings: [Finding] = []
        var index = 0
        while index < tokens.all.count {
            guard tokens.isWord(index, words) else {
                index += 1
                continue
            }
            var last = index
            while tokens.near(last + 1) != nil, tokens.isWord(last + 1, words) { last += 1 }
            findings.append(Finding(tokens.range(index, last), .nameKnown))
            index = last + 1
        }
        return findings
    }

    /// The sites' names, in any case and with any blanks between their words.
    static func findings(_ tokens: Tokens, sites: SiteList) -> [Finding] {
        let phrases = sites.names.map { Tokens($0).all.map(\.lower) }.filter { !$0.isEmpty }
        return tokens.all.indices.flatMap { index in
            phrases.compactMap { phrase -> Finding? in
                guard phrase.indices.allSatisfy({ tokens[index + $0]?.lower == phrase[$0] }) else { return nil }
                let last = index + phrase.count - 1
                return Finding(tokens.range(index, last), .site)
            }
        }
    }
}
