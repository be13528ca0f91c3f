/// Streets, flats and post boxes.
enum AddressRules {
    private static let streetEnds: Set<String> = [
        "street", "st", "avenue", "ave", "road", "rd", "lane", "ln", "drive", "dr", "boulevard", "blvd", "court", "ct",
        "place", "pl", "way", "terrace", "highway", "hwy", "parkway", "pkwy", "circle", "cir", "square", "sq", "trail",
        "close", "crescent", "row", "alley", "route", "turnpike", "grove", "gardens", "mews", "walk", "rise",
    ]
    private static let streetStarts: Set<String> = [
        "rue", "via", "calle", "avenida", "rua", "avenue", "boulevard", "plaza", "piazza", "viale", "corso", "camino",
        "paseo", "carrer", "strada", "ulica", "ul", "chemin", "allee", "allée", "place", "praça", "travessa", "route",
        "largo", "vicolo", "quai", "impasse",
    ]
    /// The ends of one-word street names in Germanic, Nordic, Baltic and Hungarian addresses.
    private static let streetSuffixes = [
        "strasse", "straße", "gasse", "platz", "allee", "straat", "laan", "plein", "gracht", "gatan", "vägen", "gata",
        "vegen", "veien", "gade", "vej", "tie", "katu", "tänav", "utca", "körút", "ulice", "weg",
    ]
    private static let units: Set<String> = [
        "apt", "apartment", "suite", "ste", "unit", "flat", "room", "bldg", "floor",
    ]

    /// The last token of an address that begins at the token.
    static func address(_ tokens: Tokens, _ index: Int) -> Int? {
        guard let token = tokens[index], !tokens.isAttachedLeft(index) else { return nil }
        if token.kind == .word { return unit(tokens, index) ?? box(tokens, index) ?? namedStreet(tokens, index) }
        return street(tokens, index)
    }

    /// `Apt. 864`, `Suite 12B`.
    private static func unit(_ tokens: Tokens, _ index: Int) -> Int? {
        guard tokens.isWord(index, units) else { return nil }
        var next = index + 1
        if let mark = tokens.joined(next), mark.isMark(".") { next += 1 }
        if let mark = tokens.near(next), mark.isMark("#") { next += 1 }
        guard let number = tokens.near(next), number.kind == .number, number.digitCount <= 5 else { return nil }
        let isAbbreviated = tokens.isWord(index, ["apt", "apartment", "suite", "ste"])
        guard isAbbreviated || tokens[index]?.isCapitalized == true && !tokens.beginsSentence(index) else { return nil }
        if let letter = tokens.joined(next + 1), letter.kind == .word, letter.text.count == 1 { next += 1 }
        return next
    }

    /// `PO Box 1234`, `PSC 3294, Box 9168`, `APO AA 61487`.
    private static func box(_ tokens: Tokens, _ index: Int) -> Int? {
        guard let token = tokens[index] else { return nil }
        var next = index + 1
        if ["apo", "fpo", "dpo"].contains(token.lower), let state = tokens.near(next),
            ["aa", "ae", "ap"].contains(state.lower),
            tokens.near(next + 1)?.digitCount == 5
        {
            return next + 1
        }
        if ["psc", "cmr", "unit"].contains(token.lower), tokens.near(next)?.kind == .number {
            next += 1
            if tokens.joined(next)?.isMark(",") == true { next += 1 }
            guard tokens.isWord(next, ["box"]), tokens.near(next + 1)?.kind == .number else {
                return token.isAllCapitals && token.lower != "unit" && tokens[next - 1]?.digitCount == 4
                    ? next - 1 : nil
            }
            return next + 1
        }
        if token.lower == "p", tokens.joined(next)?.isMark(".") == true, tokens.near(next + 1)?.lower == "o" {
            next += 2
            if tokens.joined(next)?.isMark(".") == true { next += 1 }
        } else if token.lower != "po", token.lower != "pobox", token.lower != "box" || !token.isCapitalized {
            return nil
        }
        if tokens.isWord(next, ["box"]) { next += 1 }
        guard let number = tokens.near(next), number.digitCount >= 2, number.gap == .space else { return nil }
        return next
    }

    /// `6750 Koskikatu 25`, `100 Main St`, `12 rue de la Paix`: a number, then a street.
    private static func street(_ tokens: Tokens, _ index: Int) -> Int? {
        guard let number = tokens[index], number.kind == .number, (1...6).contains(number.digitCount) else {
            return nil
        }
        if let before = tokens[index - 1], number.gap == .none,
            before.isMark("/") || before.isMark(".") || before.isMark("-")
        {
            return nil
        }
        var next = index + 1
        if let letter = tokens.joined(next), letter.kind == .word, letter.text.count == 1 { next += 1 }
        guard tokens[next]?.gap == .space else { return nil }
        // `1593 12 Main Street`: a house, then a numbered street.
        if let second = tokens.near(next), second.kind == .number {
            if let last = street(tokens, next) { return last }
            // `9816 214 Pavlou Drandaki`: two numbers, then words that reports do not use.
            guard number.digitCount >= 3, second.digitCount <= 4, !tokens.isAttachedRight(next) else { return nil }
            return tokens.near(next + 1) == nil
                ? nil : capitalized(tokens, next + 1, atMost: 3).map { further(tokens, $0) }
        }
        return streetName(tokens, next, isNumbered: number.digitCount >= 3)
    }

    /// The end of a street's name, with the number and flat that may follow it.
    private static func streetName(_ tokens: Tokens, _ start: Int, isNumbered: Bool) -> Int? {
        var last = start - 1
        var isStreet = false
        var words = 0
        while let token = words == 0 ? tokens[start] : tokens.near(last + 1), token.kind == .word, words < 6 {
            // A word of reports may name a street when its noun follows: `100 Main Street`.
            let isBeforeNoun =
                tokens.near(last + 2).map { $0.isCapitalized && streetEnds.contains($0.lower) && $0.text.count > 1 }
                ?? false
            let isParticle = [
                "de", "la", "le", "du", "des", "del", "della", "da", "do", "dos", "van", "z", "u", "di", "y", "út",
                "útja", "tér", "tee", "gate", "stræde", "fasor", "pod", "nad", "na",
            ].contains(token.lower)
            let isStart = words == 0 && streetStarts.contains(token.lower)
            guard isStart || token.isCapitalized && (isBeforeNoun || !isStopper(token)) || words > 0 && isParticle
            else { break }
            words += 1
            last += 1
            if isStart { isStreet = true }
            if words > 1, streetEnds.contains(token.lower) || token.lower == "street" { isStreet = true }
            if streetSuffixes.contains(where: { token.lower.count > $0.count + 1 && token.lower.hasSuffix($0) }) {
                isStreet = true
            }
            if words > 1, ["u", "út", "útja", "tér", "tee", "gate", "stræde", "fasor"].contains(token.lower) {
                isStreet = true
            }
            if tokens.joined(last + 1)?.isMark(".") == true, streetEnds.contains(token.lower) || token.text.count <= 4 {
                last += 1
            }
            if tokens.joined(last + 1)?.isMark("'") == true || tokens.joined(last + 1)?.isMark("/") == true {
                last += 1
            }
            if isStreet, words > 1, streetEnds.contains(token.lower) { break }
        }
        guard words > 0 else { return nil }
        if let number = tokens.near(last + 1), number.kind == .number, (1...5).contains(number.digitCount),
            tokens.joined(last + 2)?.isMark(".") != true || tokens.joined(last + 3)?.kind != .number
        {
            // A number on both sides of capitalised words is an address of many countries.
            if isStreet || isNumbered && !tokens.isAttachedRight(last + 1) { return further(tokens, last + 1) }
        }
        return isStreet ? further(tokens, last) : nil
    }

    /// A street without a house before it: `Via Roma 131`, `Hauptstrasse 5`.
    private static func namedStreet(_ tokens: Tokens, _ index: Int) -> Int? {
        guard let token = tokens[index], token.isCapitalized else { return nil }
        let isOne = streetSuffixes.contains { token.lower.count > $0.count + 2 && token.lower.hasSuffix($0) }
        let isTwo = streetStarts.contains(token.lower) && tokens.near(index + 1)?.kind == .word
        guard isOne || isTwo, let last = streetName(tokens, index, isNumbered: false),
            tokens[last]?.kind == .number || last > index + 1
        else { return nil }
        return tokens[last]?.kind == .number ? last : nil
    }

    /// The flat behind a street, in the same line or the next.
    private static func further(_ tokens: Tokens, _ last: Int) -> Int {
        var next = last + 1
        if tokens.joined(next)?.isMark(",") == true { next += 1 }
        return unit(tokens, next) ?? last
    }

    /// The last of at most so many capitalised words that reports do not use.
    private static func capitalized(_ tokens: Tokens, _ start: Int, atMost count: Int) -> Int? {
        var last = start - 1
        while last - start + 1 < count, let token = last < start ? tokens[start] : tokens.near(last + 1),
            token.isCapitalized, token.text.count > 1, !isStopper(token)
        {
            last += 1
        }
        return last >= start ? last : nil
    }

    /// What goes on after an address over the next lines: flat, city, state, country, ZIP code.
    ///
    /// Up to five groups of capitalised words or digits; a label, a word in lower case or a word of reports ends it.
    static func block(_ tokens: Tokens, after address: Int) -> [(first: Int, last: Int, rule: PrivacyRule)] {
        var parts: [(first: Int, last: Int, rule: PrivacyRule)] = []
        var next = address + 1
        while parts.count < 5 {
            while let mark = tokens[next], mark.isMark(",") || mark.isMark(".") || mark.isMark(">") && mark.gap == .line
            { next += 1 }
            guard let token = tokens[next], next == address + 1 || parts.count < 5 else { break }
            if let last = unit(tokens, next) ?? street(tokens, next) {
                parts.append((next, last, .address))
                next = last + 1
            } else if token.kind == .number, let last = zip(tokens, next) {
                parts.append((next, last, .zip))
                next = last + 1
                if tokens[next]?.gap == .line { break }
            } else if let last = capitalized(tokens, next, atMost: 5), tokens.joined(last + 1)?.isMark(":") != true,
                token.gap != .space || tokens[next - 1]?.isMark(",") == true || parts.count > 0 || token.isAllCapitals
            {
                if !Places.isWide(token.lower) { parts.append((next, last, .place)) }
                next = last + 1
                if let last = zip(tokens, next) {
                    parts.append((next, last, .zip))
                    break
                }
                if parts.isEmpty { break }
            } else {
                break
            }
        }
        return parts
    }

    /// The end of a postal code that begins at the token: `62704`, `62704-1234`, `340 12`, `3610-114`, `B0J 2H0`.
    static func zip(_ tokens: Tokens, _ index: Int) -> Int? {
        guard let token = tokens[index], !tokens.isAttachedLeft(index) else { return nil }
        if token.kind == .word {
            guard token.isInitial, tokens.joined(index + 1)?.digitCount == 1,
                tokens.joined(index + 2)?.isInitial == true,
                tokens.near(index + 3)?.digitCount == 1, tokens.joined(index + 4)?.isInitial == true,
                tokens.joined(index + 5)?.digitCount == 1
            else { return nil }
            return index + 5
        }
        guard (2...6).contains(token.digitCount), !tokens.isAttachedRight(index) else { return nil }
        if tokens.joined(index + 1)?.isMark("-") == true, let more = tokens.joined(index + 2),
            (2...4).contains(more.digitCount)
        {
            return index + 2
        }
        if token.digitCount == 3, let more = tokens.near(index + 1), more.digitCount == 2, more.gap == .space {
            return index + 1
        }
        return token.digitCount >= 3 ? index : nil
    }

    private static func isStopper(_ token: Token) -> Bool {
        ReportWords.isOrdinary(token) && !streetEnds.contains(token.lower)
    }
}
