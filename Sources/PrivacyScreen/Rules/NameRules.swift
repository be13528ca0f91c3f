/// Names of people: after titles and labels, in signature lines, by lists of common names, and by their capitals.
enum NameRules {
    private static let titles: Set<String> = [
        "dr", "mr", "mrs", "ms", "miss", "mister", "prof", "professor", "doctor", "drs", "mx",
    ]
    private static let credentials: Set<String> = [
        "md", "mbbs", "mbchb", "frcr", "frcpc", "facr", "phd", "rn", "crnp", "arnp", "dds", "dpm", "pac", "lpn", "rdms",
        "cnp",
        "frca", "mrcp", "dabr", "bsn", "msn", "fnp",
    ]
    /// These mean something else without the comma before them.
    private static let doubtfulCredentials: Set<String> = ["do", "np", "pa", "rt", "ms", "bs", "jd"]

    /// Label words after which a colon and then a name stand.
    private static let labels: Set<String> = [
        "name", "patient", "pt", "physician", "provider", "radiologist", "technologist", "tech", "sonographer",
        "resident",
        "attending", "fellow", "interpreter", "transcriptionist", "clinician", "surgeon", "doctor", "guardian",
        "mother",
        "father", "spouse", "husband", "wife", "cc", "attn", "attention", "dictator", "author", "reader", "nurse",
        "pcp",
        "staff", "kin", "contact", "signature", "signed", "by", "referrer", "requester", "pathologist", "cardiologist",
    ]
    /// Words before `by` that make what follows a name, with or without a colon.
    private static let doneBy: Set<String> = [
        "dictated", "signed", "approved", "verified", "reviewed", "read", "reported", "interpreted", "requested",
        "ordered",
        "referred", "performed", "authenticated", "finalized", "finalised", "transcribed", "prepared", "supervised",
        "directed",
        "attested", "entered", "electronically", "electronic", "checked", "edited", "scanned", "typed", "authorized",
        "authorised", "administered", "obtained", "accompanied", "witnessed", "written",
    ]
    private static let told: [(verbs: Set<String>, after: Set<String>)] = [
        (
            [
                "discussed", "communicated", "conveyed", "relayed", "reported", "spoke", "reviewed", "conferred",
                "called",
                "faxed", "telephoned", "given", "spoken", "message", "talked", "said", "read", "phoned",
            ], ["with", "to"]
        ),
        (
            [
                "notified", "informed", "paged", "contacted", "told", "alerted", "advised", "thank", "thanks", "per",
                "dear", "hello", "named", "i'm",
                "hi",
            ], [""]
        ),
        (["name"], ["is", "was"]),
    ]
    private static let particles: Set<String> = [
        "van", "de", "der", "den", "von", "la", "del", "bin", "al", "el", "da", "dos", "di", "ten", "ter", "le", "ibn",
        "af",
        "av", "zu", "du", "do", "della",
    ]
    /// Lower-case words that may follow `name:` in an unedited transcript and are none.
    private static let notNames: Set<String> = [
        "of", "the", "and", "is", "not", "on", "in", "for", "to", "with", "unknown", "none", "n", "see",
    ]

    static func findings(_ tokens: Tokens) -> [Finding] {
        var findings = inLowerCase(tokens)
        var index = 0
        while index < tokens.all.count {
            defer { index += 1 }
            guard let token = tokens[index], token.kind == .word else { continue }
            if let range = afterTitle(tokens, index) { findings.append(Finding(range, .nameTitle)) }
            if let (range, rule) = afterLabel(tokens, index) { findings.append(Finding(range, rule)) }
            if let range = beforeCredential(tokens, index) { findings.append(Finding(range, .nameCredential)) }
            if let range = afterTold(tokens, index) { findings.append(Finding(range, .nameTold)) }
            if let (last, rule) = byWords(tokens, index) {
                findings.append(Finding(tokens.range(index, last), rule))
                index = last
            }
        }
        return findings
    }

    /// Whether the token can be part of a name: capitalised, and no word that reports capitalise.
    private static func isNameWord(_ token: Token?) -> Bool {
        guard let token, token.isCapitalized else { return false }
        return !ReportWords.isOrdinary(token) && !DateRules.isCalendarWord(token.lower)
    }

    /// The last token of a name that begins at the token: up to five words with initials, particles, hyphens and commas.
    private static func name(_ tokens: Tokens, from start: Int, withComma: Bool = false, least: Int = 1) -> Int? {
        guard let first = tokens[start], isNameWord(first) || isParticle(tokens, start) else { return nil }
        var last = start
        var words = isNameWord(first) ? 1 : 0
        var longest = first.text.count
        var hasComma = false
        func take(_ index: Int) {
            last = index
            words += 1
            longest = max(longest, tokens[index]?.text.count ?? 0)
        }
        while words < 5 {
            let next = last + 1
            guard let token = tokens[next], token.gap == .none || token.gap == .space else { break }
            if isDottedCredential(tokens, next) || token.isMark(",") && isDottedCredential(tokens, next + 1) { break }
            if isNameWord(token), token.gap == .space || tokens[last]?.kind == .mark {
                take(next)
            } else if token.isMark("."),
                tokens[last]?.isInitial == true || ["Jr", "Sr", "St"].contains(tokens[last]?.text ?? "")
            {
                guard isNameWord(tokens.near(next + 1)), !isDottedCredential(tokens, next + 1) else {
                    // The point belongs to the initial when a word was there before it.
                    break
                }
                take(next + 1)
            } else if token.isMark("-"), token.gap == .none, isNameWord(tokens.joined(next + 1)) {
                take(next + 1)
            } else if token.isMark(","), withComma, !hasComma, isNameWord(tokens.near(next + 1)) {
                hasComma = true
                take(next + 1)
            } else if isParticle(tokens, next) {
                last = next
            } else {
                break
            }
        }
        while let token = tokens[last], particles.contains(token.lower), !token.isCapitalized, last > start {
            last -= 1
        }
        return longest >= 2 && words >= least ? last : nil
    }

    /// A lower-case particle with a name's word after it, perhaps behind another particle.
    private static func isParticle(_ tokens: Tokens, _ index: Int) -> Bool {
        guard let token = tokens[index], particles.contains(token.lower), !token.isCapitalized else { return false }
        if isNameWord(tokens.near(index + 1)) { return true }
        return tokens.isWord(index + 1, particles) && isNameWord(tokens.near(index + 2))
    }

    private static func skipTitles(_ tokens: Tokens, _ start: Int) -> Int {
        var index = start
        while tokens.isWord(index, titles) {
            index += 1
            if tokens.joined(index)?.isMark(".") == true { index += 1 }
        }
        return index
    }

    private static func afterTitle(_ tokens: Tokens, _ index: Int) -> Range<Int>? {
        guard let title = tokens[index], titles.contains(title.lower), !tokens.isAttachedLeft(index) else { return nil }
        let hasPoint = tokens.joined(index + 1)?.isMark(".") == true
        // `MR BRAIN` is a scan, `MS` a disease and `DR CHEST` a radiograph; `MR. SMITH` is a man.
        if ["MR", "MS", "DR"].contains(title.text), !hasPoint { return nil }
        let start = skipTitles(tokens, index)
        guard tokens.near(start) != nil else { return nil }
        // Behind a title even a word of reports is a name: Dr. Field, Mrs. Long.
        if let word = tokens[start], word.isCapitalized, !word.isAllCapitals || hasPoint, word.text.count > 1,
            !ReportWords.neverNames.contains(word.lower)
        {
            let rest = tokens[start + 1].flatMap { $0.gap == .space ? name(tokens, from: start + 1) : nil }
            return tokens.range(start, max(rest ?? start, name(tokens, from: start) ?? start))
        }
        if let last = name(tokens, from: start) { return tokens.range(start, last) }
        // Dictation in lower case: `dr. smith`, where the point or a list tells it from speech.
        guard title.lower != "miss", title.lower != "doctor", let word = tokens.near(start), word.kind == .word,
            word.text.count > 2,
            hasPoint ? !ReportWords.isOrdinary(word) : Names.isKnown(word.lower)
        else { return nil }
        let isFull = tokens.near(start + 1).map { Names.isKnown($0.lower) } ?? false
        return tokens.range(start, isFull ? start + 1 : start)
    }

    private static func afterLabel(_ tokens: Tokens, _ index: Int) -> (Range<Int>, PrivacyRule)? {
        guard let label = tokens[index], labels.contains(label.lower), !tokens.isAttachedLeft(index) else { return nil }
        var next = index + 1
        let isDone = label.lower == "by" && tokens.isWord(index - 1, doneBy)
        var hasColon = false
        if label.lower != "by", tokens.isWord(next, ["name", "id"]) { next += 1 }
        if tokens.isWord(next, ["by"]), label.lower == "signed" { return nil }
        if let mark = tokens[next],
            mark.isMark(":") || mark.isMark("-") && mark.gap == .space || mark.isMark("#") || mark.isMark("=")
        {
            hasColon = mark.isMark(":") || mark.isMark("=")
            next += 1
        }
        guard hasColon || isDone else { return nil }
        let start = skipTitles(tokens, next)
        // The value may stand in the next column, or below a colon that ends its line.
        guard let first = tokens[start], first.gap != .line || hasColon, first.kind == .word else { return nil }
        let rule: PrivacyRule =
            isDone || ["by", "signed", "signature"].contains(label.lower) ? .nameSigned : .nameLabel
        if let last = name(tokens, from: start, withComma: true) { return (tokens.range(start, last), rule) }
        // Only a label that says `name` may be followed by lower case.
        let saysName = label.lower == "name" || tokens.isWord(next - 2, ["name"])
        guard saysName, first.gap != .line, !ReportWords.isOrdinary(first), !notNames.contains(first.lower) else {
            return nil
        }
        var last = start
        while last < start + 3, let token = tokens.near(last + 1), token.kind == .word, !ReportWords.isOrdinary(token),
            !notNames.contains(token.lower)
        {
            last += 1
        }
        return (tokens.range(start, last), rule)
    }

    /// Whether `M.D.` or `D.O.` begins at the token.
    private static func isDottedCredential(_ tokens: Tokens, _ index: Int) -> Bool {
        guard let first = tokens[index], tokens.joined(index + 1)?.isMark(".") == true,
            let second = tokens.joined(index + 2)
        else {
            return false
        }
        return first.text == "M" && second.text == "D" || first.text == "D" && second.text == "O"
    }

    private static func beforeCredential(_ tokens: Tokens, _ index: Int) -> Range<Int>? {
        guard let token = tokens[index], token.isCapitalized else { return nil }
        let dotted = isDottedCredential(tokens, index)
        let hasComma = tokens[index - 1]?.isMark(",") == true
        let isDoubtful = doubtfulCredentials.contains(token.lower) && token.isAllCapitals && hasComma
        guard dotted || isDoubtful || credentials.contains(token.lower) && (token.isAllCapitals || token.text == "PhD")
        else {
            return nil
        }
        var last = index - 1
        if hasComma { last -= 1 }
        guard tokens.near(index) != nil, let name = tokens[last], isNameWord(name) else { return nil }
        var first = last
        while last - first < 8, let before = tokens[first - 1], let here = tokens[first],
            here.gap == .space || here.gap == .none
        {
            if isNameWord(before), here.gap == .space {
                first -= 1
            } else if before.isMark("."), tokens[first - 2]?.isInitial == true {
                first -= 2
            } else if before.isMark("-"), before.gap == .none, here.gap == .none, isNameWord(tokens[first - 2]) {
                first -= 2
            } else if particles.contains(before.lower), !before.isCapitalized, isNameWord(tokens[first - 2]) {
                first -= 1
            } else {
                break
            }
        }
        return tokens.range(first, last)
    }

    private static func afterTold(_ tokens: Tokens, _ index: Int) -> Range<Int>? {
        guard let verb = tokens[index] else { return nil }
        for (verbs, links) in told where verbs.contains(verb.lower) {
            for link in links {
                var next = index + 1
                if !link.isEmpty {
                    guard tokens.isWord(next, [link]) else { continue }
                    next += 1
                }
                let start = skipTitles(tokens, next)
                guard tokens.near(start) != nil, let last = name(tokens, from: start) else { continue }
                guard let word = tokens[start], !word.isAllCapitals || word.text.count > 4 else { continue }
                guard !Places.isWide(word.lower) else { continue }
                return tokens.range(start, last)
            }
        }
        return nil
    }
}

extension NameRules {
    /// A name by its words alone: common given names and surnames, initials, capitals.
    private static func byWords(_ tokens: Tokens, _ index: Int) -> (last: Int, rule: PrivacyRule)? {
        guard let token = tokens[index], token.isCapitalized, !tokens.isAttachedLeft(index) else { return nil }
        if Places.isWide(token.lower) { return nil }
        let full = name(tokens, from: index)
        let end = full ?? index
        let parts = tokens.all[index...end].filter { $0.kind == .word }
        let isPair = parts.count >= 2
        guard !isEponym(tokens, index, end, isPerson: isPair && Names.given.contains(token.lower)) else { return nil }
        if Names.given.contains(token.lower) {
            if isPair, full != nil { return (end, .nameGiven) }
            if !Names.alsoWords.contains(token.lower), !token.isAllCapitals { return (end, .nameGiven) }
            if isInitialed(tokens, end) { return (end, .nameGiven) }
        }
        guard full != nil else { return nil }
        if isPair, parts.contains(where: { Names.given.contains($0.lower) || Names.surnames.contains($0.lower) }) {
            return (end, .nameGiven)
        }
        let isLoud = tokens.all[index...end].allSatisfy { $0.kind != .word || $0.isAllCapitals || $0.isInitial }
        let isPlainWord = Names.alsoWords.contains(token.lower) && tokens.beginsSentence(index)
        if Names.surnames.contains(token.lower), !isLoud, !isPlainWord { return (end, .nameSurname) }
        if isPair, !isLoud, parts.contains(where: \.isInitial) { return (end, .nameInitial) }
        guard !tokens.isAttachedRight(end) else { return nil }
        if isLoud {
            // A word in capitals within a sentence that has small letters.
            let isQuiet = tokens[index - 1].map { $0.kind == .word && $0.text == $0.lower } ?? false
            return isQuiet && parts.allSatisfy { $0.text.count >= 5 } && !tokens.beginsSentence(index)
                ? (end, .nameLone) : nil
        }
        if isPair, !tokens.beginsSentence(index) || parts.allSatisfy({ !ReportWords.mayBegin($0.lower) }) {
            return (end, .nameCapitals)
        }
        if !tokens.beginsSentence(index) { return parts.contains { $0.text.count > 3 } ? (end, .nameLone) : nil }
        return tokens.near(end + 1) != nil && tokens.isWord(end + 1, personVerbs) ? (end, .nameSubject) : nil
    }

    private static let personVerbs: Set<String> = [
        "lives", "presents", "presented", "complains", "complained", "denies", "denied", "states", "stated", "says",
        "said",
        "fell", "underwent", "returned", "returns", "arrived", "began", "had", "went", "came", "asked", "told",
        "called",
        "wants", "feels", "felt", "works", "worked", "smokes", "reports", "tolerated", "spent", "requested",
    ]

    /// Common given names in a text without any capital letter, such as unedited dictation.
    private static func inLowerCase(_ tokens: Tokens) -> [Finding] {
        guard !tokens.all.contains(where: { $0.kind == .word && $0.text != $0.lower }) else { return [] }
        func isGiven(_ token: Token?) -> Bool {
            guard let token, token.kind == .word, token.text.count >= 4 else { return false }
            return Names.given.contains(token.lower) && !Names.alsoWords.contains(token.lower)
                && !ReportWords.mayBegin(token.lower)
        }
        return tokens.all.indices.compactMap { index in
            guard isGiven(tokens[index]) else { return nil }
            let next = tokens.near(index + 1)
            let isFull = next.map { Names.isKnown($0.lower) && $0.gap == .space && $0.text.count > 3 } ?? false
            return Finding(tokens.range(index, isFull ? index + 1 : index), .nameLower)
        }
    }

    /// Whether the noun of an eponym follows: `Smith fracture`, `Hill-Sachs lesion`, `Foley catheter`, `Kerley B lines`.
    ///
    /// A given name and a surname are a person although the surname is an eponym's (`John Wilson`), unless the noun follows.
    private static func isEponym(_ tokens: Tokens, _ first: Int, _ last: Int, isPerson: Bool) -> Bool {
        if !isPerson, tokens.all[first...last].contains(where: { ReportWords.eponyms.contains($0.lower) }) {
            return true
        }
        var next = last + 1
        if tokens.joined(next).map({ $0.isMark("'") || $0.isMark("’") }) == true {
            next += tokens.isWord(next + 1, ["s"]) ? 2 : 1
        }
        if tokens.joined(next)?.isMark("-") == true { next += 1 }
        if tokens[next]?.isInitial == true { next += 1 }
        return tokens.isWord(next, ReportWords.eponymNouns)
            || tokens.isWord(next + 1, ReportWords.eponymNouns) && tokens.near(next + 1) != nil
                && tokens.near(next) != nil && tokens[next]?.isCapitalized == false
    }

    private static func isInitialed(_ tokens: Tokens, _ last: Int) -> Bool {
        tokens.near(last + 1)?.isInitial == true && tokens.joined(last + 2)?.isMark(".") == true
    }
}
