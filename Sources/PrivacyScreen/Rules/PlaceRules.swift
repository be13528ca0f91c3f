/// Addresses, ZIP codes, cities and facilities.
enum PlaceRules {
    private static let facilityNouns: Set<String> = [
        "hospital", "clinic", "infirmary", "hospice", "medical", "imaging", "radiology", "health", "healthcare",
        "memorial", "sanatorium", "rehabilitation",
    ]
    private static let facilityEnds: Set<String> = [
        "hospital", "clinic", "infirmary", "hospice", "center", "centre", "imaging", "radiology", "health",
        "healthcare",
        "system", "campus", "home", "rehabilitation", "hospitals", "associates", "group", "pavilion",
    ]
    private static let cues: [[String]] = [
        ["lives", "in"], ["living", "in"], ["resident", "of"], ["resides", "in"], ["moved", "from"],
        ["moved", "here", "from"],
        ["moved", "to"], ["transferred", "from"], ["transfer", "from"], ["transferred", "to"], ["born", "in"],
        ["from", "out", "of"],
        ["originally", "from"], ["grew", "up", "in"], ["travel", "to"], ["traveling", "to"], ["travelling", "to"],
        ["travelled", "to"], ["traveled", "to"], ["trip", "to"], ["visited"], ["works", "at"], ["worked", "at"],
        ["works", "for"], ["employed", "at"], ["employed", "by"], ["outside", "films", "from"], ["performed", "at"],
        ["done", "at"], ["address", "is"],
    ]

    static func findings(_ tokens: Tokens) -> [Finding] {
        var findings: [Finding] = []
        for index in tokens.all.indices {
            guard let token = tokens[index] else { continue }
            if token.kind == .number || token.kind == .word, let last = AddressRules.address(tokens, index) {
                findings.append(Finding(tokens.range(index, last), .address))
                findings += AddressRules.block(tokens, after: last).map {
                    Finding(tokens.range($0.first, $0.last), $0.rule)
                }
            }
            if token.kind == .word {
                if let found = stateAndZip(tokens, index) { findings += found }
                if let finding = facility(tokens, index) { findings.append(finding) }
                if let last = city(tokens, index) { findings.append(Finding(tokens.range(index, last), .place)) }
                if let range = afterCue(tokens, index) { findings.append(Finding(range, .placeCue)) }
                findings += afterPreposition(tokens, index)
            }
        }
        return findings
    }

    /// `Springfield, IL 62704` from its state: the city before it and the ZIP code behind it.
    private static func stateAndZip(_ tokens: Tokens, _ index: Int) -> [Finding]? {
        guard let token = tokens[index] else { return nil }
        let isCode = token.isAllCapitals && token.text.count == 2 && Places.stateCodes.contains(token.lower)
        let isName = token.isCapitalized && Places.stateNames.contains(token.lower)
        guard isCode || isName else { return nil }
        var findings: [Finding] = []
        if let zip = tokens.near(index + 1), zip.digitCount == 5 {
            let plus = tokens.joined(index + 2)?.isMark("-") == true && tokens.joined(index + 3)?.digitCount == 4
            findings.append(Finding(tokens.range(index + 1, plus ? index + 3 : index + 1), .zip))
        }
        if tokens[index - 1]?.isMark(",") == true, tokens.near(index) != nil,
            var first = lastWordOfCity(tokens, index - 2)
        {
            let last = first
            while tokens.near(first) != nil, let earlier = lastWordOfCity(tokens, first - 1) { first = earlier }
            findings.append(Finding(tokens.range(first, last), .place))
        }
        return findings.isEmpty ? nil : findings
    }

    private static func lastWordOfCity(_ tokens: Tokens, _ index: Int) -> Int? {
        guard let token = tokens[index], token.isCapitalized, !ReportWords.isOrdinary(token) else { return nil }
        return index
    }

    /// A large city's name, up to three words.
    private static func city(_ tokens: Tokens, _ index: Int) -> Int? {
        guard tokens[index]?.isCapitalized == true else { return nil }
        for count in [3, 2, 1] {
            let words = (0..<count).compactMap { $0 == 0 ? tokens[index] : tokens.near(index + $0) }
            guard words.count == count, words.allSatisfy(\.isCapitalized) else { continue }
            guard Places.cities.contains(words.map(\.lower).joined(separator: " ")) else { continue }
            // `London dispersion`, `Boston criteria`: an eponym as of a person.
            if tokens.isWord(index + count, ReportWords.eponymNouns) { return nil }
            return index + count - 1
        }
        return nil
    }

    /// `St. Mary's Hospital`, `Lakeside Imaging Center`: the capitalised words up to the facility's noun.
    private static func facility(_ tokens: Tokens, _ index: Int) -> Finding? {
        guard let token = tokens[index], token.isCapitalized, !token.isAllCapitals || token.text.count > 3,
            facilityEnds.contains(token.lower)
        else { return nil }
        var first = index
        var names = 0
        var nouns = facilityNouns.contains(token.lower) ? 1 : 0
        while let before = tokens[first - 1], let current = tokens[first], current.gap == .space || current.gap == .none
        {
            if before.kind == .word, before.lower == "s",
                tokens[first - 2].map({ $0.isMark("'") || $0.isMark("’") }) == true,
                tokens[first - 3]?.isCapitalized == true
            {
                first -= 3
                names += 1
            } else if before.isMark("."), let saint = tokens[first - 2], ["St", "Ste", "Mt", "Ft"].contains(saint.text)
            {
                first -= 2
                names += 1
            } else if before.isCapitalized {
                first -= 1
                if facilityNouns.contains(before.lower) {
                    nouns += 1
                } else if !ReportWords.isOrdinary(before) {
                    names += 1
                }
            } else if before.kind == .word, ["of", "and"].contains(before.lower),
                tokens[first - 2]?.isCapitalized == true
            {
                first -= 1
            } else {
                break
            }
        }
        while let token = tokens[first], first < index,
            ReportWords.isOrdinary(token) || ["of", "and"].contains(token.lower)
        { first += 1 }
        guard names > 0, nouns > 0, first < index else { return nil }
        return Finding(tokens.range(first, index), .facility)
    }

    /// The capitalised words after a preposition of place, and a ZIP code behind them or behind a country.
    private static func afterPreposition(_ tokens: Tokens, _ index: Int) -> [Finding] {
        guard let token = tokens[index] else { return [] }
        if token.isCapitalized, Places.isWide(token.lower), let zip = tokens.near(index + 1), zip.digitCount == 5,
            let last = AddressRules.zip(tokens, index + 1)
        {
            return [Finding(tokens.range(index + 1, last), .zip)]
        }
        guard ["in", "from", "near", "to", "at", "into"].contains(token.lower), !token.isCapitalized else { return [] }
        var last = index
        while last - index < 4, let word = tokens.near(last + 1), isPlaceWord(word) { last += 1 }
        guard last > index, tokens.joined(last + 1)?.isMark("-") != true else { return [] }
        let place = Finding(tokens.range(index + 1, last), .placeLone)
        guard let zip = AddressRules.zip(tokens, last + 1), tokens[last + 1]?.gap == .space else { return [place] }
        return [place, Finding(tokens.range(last + 1, zip), .zip)]
    }

    private static func isPlaceWord(_ word: Token) -> Bool {
        guard word.isCapitalized, word.text.count > 3, !ReportWords.isOrdinary(word), !Places.isWide(word.lower) else {
            return false
        }
        return !ReportWords.eponyms.contains(word.lower) && !DateRules.isCalendarWord(word.lower)
    }

    /// The capitalised words after `lives in` and the like.
    private static func afterCue(_ tokens: Tokens, _ index: Int) -> Range<Int>? {
        for cue in cues {
            guard cue.indices.allSatisfy({ tokens[index + $0]?.lower == cue[$0] }) else { continue }
            var first = index + cue.count
            if tokens.isWord(first, ["the", "a"]) { first += 1 }
            var last = first - 1
            while let token = tokens.near(last + 1), token.isCapitalized, !ReportWords.isOrdinary(token),
                !Places.isWide(token.lower)
            {
                last += 1
            }
            if last >= first { return tokens.range(first, last) }
        }
        return nil
    }
}
