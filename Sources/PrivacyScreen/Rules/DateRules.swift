/// Dates that are more precise than a year, and ages over 89.
enum DateRules {
    /// Whether a word in lower case is of the calendar.
    static func isCalendarWord(_ word: String) -> Bool {
        (months[word] != nil && !Names.given.contains(word)) || weekdays.contains(word) || holidays.contains(word)
    }

    static let months: [String: Int] = {
        let names = [
            "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
            "november", "december",
        ]
        var months: [String: Int] = ["sept": 9]
        for (index, name) in names.enumerated() {
            months[name] = index + 1
            months[String(name.prefix(3))] = index + 1
        }
        return months
    }()
    private static let weekdays: Set<String> = [
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    ]
    private static let shortWeekdays: Set<String> = [
        "mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun",
    ]
    private static let holidays: Set<String> = ["christmas", "thanksgiving", "easter", "halloween", "juneteenth"]
    private static let monthCues: Set<String> = [
        "in", "since", "from", "last", "of", "until", "till", "during", "early", "late", "mid", "by", "before", "after",
        "this", "next", "dated", "and", "to", "through", "prior",
    ]
    private static let dayCues: Set<String> = [
        "on", "dated", "date", "from", "since", "of", "exam", "study", "dob", "ct", "mri", "xray", "radiograph",
        "radiographs",
    ]
    private static let imageWords: Set<String> = [
        "image", "images", "series", "slice", "slices", "im", "se", "img", "frame", "grade", "grades",
    ]
    private static let units: Set<String> = ["cm", "mm", "ml", "cc", "mg", "kg", "mgy", "hu"]

    static func findings(_ tokens: Tokens) -> [Finding] {
        var findings: [Finding] = []
        var index = 0
        while index < tokens.all.count {
            if let match = date(tokens, index) ?? named(tokens, index) ?? weak(tokens, index) {
                let last = time(tokens, after: match.last) ?? match.last
                let first = weekdayBefore(tokens, index) ?? index
                findings.append(Finding(tokens.range(first, last), match.rule))
                index = last + 1
            } else {
                if let last = age(tokens, index) { findings.append(Finding(tokens.range(index, last), .ageOver89)) }
                index += 1
            }
        }
        return findings
    }

    private typealias Match = (last: Int, rule: PrivacyRule)

    private static func isYear(_ token: Token?) -> Bool {
        guard let token, token.digitCount == 4, let value = token.value else { return false }
        return (1880...2100).contains(value)
    }

    private static func isDay(_ token: Token?) -> Bool {
        guard let token, (1...2).contains(token.digitCount), let value = token.value else { return false }
        return (1...31).contains(value)
    }

    private static func isMonth(_ token: Token?) -> Bool { isDay(token) && (token?.value ?? 99) <= 12 }

    /// Digits alone: `3/14/2021`, `2021-03-14`, `20210314`, `03/2021`, `on 3/14`.
    private static func date(_ tokens: Tokens, _ index: Int) -> Match? {
        guard let first = tokens[index], first.kind == .number, !tokens.isAttachedLeft(index) else { return nil }
        if let before = tokens[index - 1], first.gap == .none, "./-".contains(before.text),
            tokens[index - 2]?.kind == .number, before.gap == .none
        {
            return nil
        }
        if first.digitCount == 8, isCompact(first), !tokens.isAttachedRight(index) { return (index, .dateFull) }
        guard let separator = tokens.joined(index + 1), "/-.".contains(separator.text), separator.kind == .mark,
            let second = tokens.joined(index + 2), second.kind == .number
        else { return nil }
        let third = tokens.joined(index + 3).flatMap { $0.text == separator.text ? tokens.joined(index + 4) : nil }
        if isYear(first), isMonth(second), isDay(third) { return (index + 4, .dateFull) }
        if let third, third.kind == .number, isMonth(first) && isDay(second) || isDay(first) && isMonth(second) {
            if isYear(third), !goesOn(tokens, index + 4) { return (index + 4, .dateFull) }
            if third.digitCount == 2, separator.text != ".", !goesOn(tokens, index + 4),
                !measures(tokens, index + 5)
            {
                return (index + 4, separator.text == "/" ? .dateFull : .datePart)
            }
            return nil
        }
        guard third == nil, separator.text != "." else { return nil }
        if isMonth(first), isYear(second), !goesOn(tokens, index + 2) { return (index + 2, .datePart) }
        if isYear(first), isMonth(second), second.digitCount == 2, !goesOn(tokens, index + 2) {
            return (index + 2, .datePart)
        }
        if separator.text == "/", isMonth(first), isDay(second), !goesOn(tokens, index + 2),
            tokens.isWord(index - 1, dayCues)
                || tokens[index - 1]?.isMark(":") == true && tokens.isWord(index - 2, dayCues),
            !measures(tokens, index + 3)
        {
            return (index + 2, .datePart)
        }
        return nil
    }

    private static func isCompact(_ token: Token) -> Bool {
        guard let value = token.value else { return false }
        return (1880...2100).contains(value / 10_000) && (1...12).contains(value / 100 % 100)
            && (1...31).contains(value % 100)
    }

    /// Whether more of a number or code follows at once, `T` of a time of day excepted.
    private static func goesOn(_ tokens: Tokens, _ last: Int) -> Bool {
        guard let after = tokens.joined(last + 1) else { return false }
        if after.kind == .word { return after.lower != "t" }
        guard "./-".contains(after.text), after.kind == .mark else { return false }
        return tokens.joined(last + 2)?.kind == .number
    }

    private static func measures(_ tokens: Tokens, _ index: Int) -> Bool {
        guard let token = tokens.near(index) else { return false }
        return units.contains(token.lower) || token.lower == "x" || token.isMark("×")
    }

    /// With the month's name: `September 17, 2021`, `17 Sep 1995`, `17th of September`, `Sep 2021`, `17-Sep-21`.
    private static func named(_ tokens: Tokens, _ index: Int) -> Match? {
        if isDay(tokens[index]), !tokens.isAttachedLeft(index) {
            var next = index + 1
            if let suffix = tokens.joined(next), ["st", "nd", "rd", "th"].contains(suffix.lower) { next += 1 }
            if let of = tokens.near(next), of.lower == "of" { next += 1 }
            if let mark = tokens.joined(next), mark.isMark("-") || mark.isMark("/") { next += 1 }
            guard month(tokens, next) != nil else { return nil }
            if let year = year(tokens, after: next) { return (year, .dateFull) }
            return tokens[next]?.lower == "may" && tokens[next]?.isCapitalized == false ? nil : (next, .datePart)
        }
        guard month(tokens, index) != nil else { return nil }
        if let year = year(tokens, after: index) { return (year, .datePart) }
        var last = skipPoint(tokens, index)
        if let mark = tokens.joined(last + 1), mark.isMark("-") || mark.isMark("/") { last += 1 }
        guard isDay(tokens.near(last + 1)), !measures(tokens, last + 2), !isDecimal(tokens, last + 1) else {
            return nil
        }
        guard tokens[index]?.isCapitalized == true else { return nil }
        last += 1
        if let suffix = tokens.joined(last + 1), ["st", "nd", "rd", "th"].contains(suffix.lower) { last += 1 }
        if tokens.isAttachedRight(last) { return nil }
        if let year = year(tokens, after: last) { return (year, .dateFull) }
        return (last, .datePart)
    }

    private static func isDecimal(_ tokens: Tokens, _ index: Int) -> Bool {
        tokens.joined(index + 1)?.isMark(".") == true && tokens.joined(index + 2)?.kind == .number
    }

    private static func month(_ tokens: Tokens, _ index: Int) -> Int? {
        guard let token = tokens[index], token.kind == .word else { return nil }
        guard token.lower.count > 3 || token.isCapitalized || tokens.isAttachedLeft(index) else {
            return token.lower == "may" ? nil : months[token.lower]
        }
        return months[token.lower]
    }

    private static func skipPoint(_ tokens: Tokens, _ index: Int) -> Int {
        tokens.joined(index + 1)?.isMark(".") == true && (tokens[index]?.text.count ?? 9) <= 4 ? index + 1 : index
    }

    /// The place of a year of four digits, or of two after `'` or `-`, behind a month or day.
    private static func year(_ tokens: Tokens, after index: Int) -> Int? {
        var next = skipPoint(tokens, index) + 1
        if let mark = tokens.joined(next), mark.isMark(",") || mark.isMark("-") || mark.isMark("/") { next += 1 }
        if let of = tokens.near(next), of.lower == "of" { next += 1 }
        if isYear(tokens.near(next)) { return next }
        guard let before = tokens[next - 1], before.isMark("-") || before.isMark("/"),
            let token = tokens.joined(next), token.digitCount == 2, !tokens.isAttachedRight(next)
        else { return nil }
        return next
    }

    /// A month after a preposition, a day of the week, a holiday.
    private static func weak(_ tokens: Tokens, _ index: Int) -> Match? {
        guard let token = tokens[index], token.kind == .word else { return nil }
        if weekdays.contains(token.lower) || holidays.contains(token.lower) && token.isCapitalized {
            return (index, .dateWeak)
        }
        guard months[token.lower] != nil, token.isCapitalized, !token.isAllCapitals, token.lower.count > 2,
            tokens.isWord(index - 1, monthCues)
        else { return nil }
        return (index, .dateWeak)
    }

    /// The day of the week right before a date.
    private static func weekdayBefore(_ tokens: Tokens, _ index: Int) -> Int? {
        guard tokens.near(index) != nil else { return nil }
        let isComma = tokens[index - 1].map { $0.isMark(",") || $0.isMark(".") } ?? false
        let place = isComma ? index - 2 : index - 1
        return tokens.isWord(place, weekdays) || tokens.isWord(place, shortWeekdays) ? place : nil
    }

    /// The end of a time of day after a date: `at 09:05 AM`, `T10:22:00Z`, `, 14:30`.
    private static func time(_ tokens: Tokens, after index: Int) -> Int? {
        var next = index + 1
        if let mark = tokens.joined(next), mark.isMark(",") { next += 1 }
        if let word = tokens.near(next), ["at", "@", "t"].contains(word.lower) { next += 1 }
        guard let hour = tokens.near(next), (1...2).contains(hour.digitCount),
            tokens.joined(next + 1)?.isMark(":") == true,
            tokens.joined(next + 2)?.digitCount == 2
        else { return nil }
        var last = next + 2
        if tokens.joined(last + 1)?.isMark(":") == true, tokens.joined(last + 2)?.digitCount == 2 { last += 2 }
        if let half = tokens.near(last + 1), ["am", "pm", "z", "hrs", "hours"].contains(half.lower) { last += 1 }
        return last
    }

    private static let ageWords: Set<String> = ["year", "years", "yr", "yrs", "yo", "y"]

    /// `92-year-old`, `94 y/o`, `aged 91`, `age: 101`, `in his 90s`, `nonagenarian`.
    private static func age(_ tokens: Tokens, _ index: Int) -> Int? {
        guard let token = tokens[index] else { return nil }
        if ["nonagenarian", "centenarian"].contains(token.lower) { return index }
        guard let value = token.value, (90...125).contains(value), token.digitCount <= 3, !tokens.isAttachedLeft(index),
            !isDecimal(tokens, index), tokens[index - 1]?.isMark("/") != true
        else { return nil }
        if let s = tokens.joined(index + 1), s.lower == "s",
            tokens.isWord(index - 1, ["his", "her", "their", "the", "in"])
        {
            return index + 1
        }
        let cue = tokens[index - 1]?.isMark(":") == true ? index - 2 : index - 1
        if tokens.isWord(cue, ["age", "aged"]) || tokens.isWord(index - 1, ["of"]) && tokens.isWord(index - 2, ["age"])
        {
            return index
        }
        var next = index + 1
        if tokens.joined(next)?.isMark("-") == true { next += 1 }
        guard tokens.near(next) != nil, tokens.isWord(next, ageWords) else { return nil }
        let isAge =
            tokens.isWord(next, ["yo"]) || tokens.joined(next + 1)?.isMark("/") == true
            || tokens.isWord(next + 1, ["old"]) || tokens.isWord(next + 2, ["old", "age"])
            || tokens.joined(next + 1)?.isMark(".") == true && tokens.isWord(next + 2, ["o", "old"])
        return isAge ? index : nil
    }
}
