/// Codes after their labels (`MRN: 4432817`, `ACC# A20-118`), and long codes without one.
enum NumberRules {
    /// A label as words, and what a code after it is.
    private struct Label {
        let words: [String]
        let rule: PrivacyRule
        /// Whether the label alone is ordinary speech, so that `number`, `#`, `ID` or a colon must follow.
        let needsMark: Bool
        /// The fewest letters and digits of a code.
        let least: Int
    }

    private static let labels: [Label] = {
        var labels: [Label] = []
        func add(_ rule: PrivacyRule, _ names: String, needsMark: Bool = false, least: Int = 4) {
            for name in names.split(separator: ",") {
                let words = name.split(separator: " ").map(String.init)
                labels.append(Label(words: words, rule: rule, needsMark: needsMark, least: least))
            }
        }
        add(
            .medicalRecord,
            "mrn,mr no,medical record,med rec,patient id,pt id,patient number,patient no,hospital number,"
                + "hospital no,nhs,chi number,urn,pid,epic id,unit number,record number")
        add(.medicalRecord, "chart,mr,unit record", needsMark: true)
        add(
            .healthPlan,
            "member id,subscriber id,policy number,policy no,group number,insurance id,medicare number,"
                + "medicaid number,hicn,mbi,beneficiary number,health plan number,health card")
        add(
            .healthPlan, "policy,member,subscriber,beneficiary,medicare,medicaid,insurance,health plan",
            needsMark: true, least: 5)
        add(.account, "account number,account no,acct no,iban,credit card,debit card,card number,bank account")
        add(.account, "account,acct,invoice,card,cc,guarantor", needsMark: true, least: 4)
        add(
            .license,
            "license number,licence number,driver's license,driver’s license,drivers license,driving licence,"
                + "medical license,dea,npi,passport,certificate number,national id")
        add(.license, "license,licence,certificate,gmc,upin", needsMark: true, least: 4)
        add(.vehicle, "vin,license plate,licence plate,number plate,plate number,vehicle registration", least: 5)
        add(
            .device,
            "serial number,serial no,device id,device identifier,lot number,lot no,udi,implant id,model number,s/n",
            least: 4)
        add(.device, "serial,lot,sn,device,implant,generator,model", needsMark: true, least: 4)
        add(
            .accession,
            "accession,acc no,order number,order id,exam id,exam number,study id,report id,report number,"
                + "case number,case id,encounter number,visit number,requisition number,specimen number,csn,fin",
            least: 4)
        add(
            .accession,
            "acc,order,exam,study,report,case,encounter,visit,requisition,req,specimen,ticket,reference,ref,"
                + "confirmation,id,procedure,job,dictation", needsMark: true, least: 4)
        add(.socialSecurity, "ssn,social security,social security number,social security no", least: 4)
        add(.fax, "fax,facsimile,telefax", least: 5)
        add(
            .phoneLabel,
            "phone,telephone,tel,pager,beeper,mobile,cell phone,cellphone,callback,call back,ext,extension", least: 4)
        add(.phoneLabel, "cell,office,home,work,desk,contact,ph,p,x", needsMark: true, least: 4)
        add(.zip, "zip,zip code,postal code,postcode,zipcode", least: 3)
        return labels.sorted { $0.words.count > $1.words.count }
    }()

    private static let byFirstWord = Dictionary(grouping: labels) { label in
        String(label.words.first?.prefix { $0 != "/" } ?? "")
    }
    private static let numberWords: Set<String> = ["number", "no", "num", "nr", "id", "identifier", "code"]

    static func findings(_ tokens: Tokens) -> [Finding] {
        var findings: [Finding] = []
        for index in tokens.all.indices {
            guard let token = tokens[index], token.kind == .word else { continue }
            if let candidates = byFirstWord[token.lower], !tokens.isAttachedLeft(index) {
                let found = candidates.lazy.compactMap { finding(tokens, index, $0) }.first
                if let found { findings.append(found) }
            }
        }
        return findings + shapes(tokens)
    }

    private static func finding(_ tokens: Tokens, _ start: Int, _ label: Label) -> Finding? {
        var next = start
        for word in label.words {
            // `s/n` is three tokens without blanks.
            for part in word.split(separator: "/", omittingEmptySubsequences: false) {
                if part != word.prefix(part.count) || part.count != word.count, next > start,
                    tokens.joined(next)?.isMark("/") == true
                {
                    next += 1
                }
                guard let token = next == start ? tokens[next] : tokens.near(next), token.lower == part else {
                    return nil
                }
                next += 1
            }
        }
        var hasMark = false
        var isColumn = false
        while let token = tokens[next], next - start < 10 {
            if token.gap == .line && !isColumn { return nil }
            isColumn = false
            if token.kind == .word, numberWords.contains(token.lower) {
                hasMark = true
            } else if token.isMark("#") || token.isMark(":") || token.isMark("=") {
                hasMark = true
                // A value may stand in the next column or line.
                isColumn = token.isMark(":")
            } else if token.isMark(".") || token.isMark("-") && token.gap != .none || token.isMark("(")
                || token.isMark(")")
                || token.isMark("+")
            {
                if label.rule == .phoneLabel || label.rule == .fax, token.isMark("(") || token.isMark("+") { break }
            } else if token.kind == .word, ["is", "was", "at", "to", "on", "me"].contains(token.lower),
                !label.needsMark || hasMark
            {
            } else {
                break
            }
            next += 1
        }
        guard hasMark || !label.needsMark else { return nil }
        let isPhone = label.rule == .phoneLabel || label.rule == .fax
        guard let last = isPhone ? phone(tokens, next, least: label.least) : code(tokens, next, least: label.least)
        else {
            return nil
        }
        return Finding(tokens.range(next, last), label.rule)
    }

    /// The end of a code: letters and digits joined by `-`, `/`, `.` or `_`, at least one digit among them.
    private static func code(_ tokens: Tokens, _ start: Int, least: Int) -> Int? {
        guard let first = tokens[start], first.kind == .word || first.kind == .number else { return nil }
        var last = start
        var count = first.range.count
        var hasDigit = first.kind == .number
        while let token = tokens.joined(last + 1) {
            if token.kind == .word || token.kind == .number {
                last += 1
            } else if token.kind == .mark, "-/._:".contains(token.text), let after = tokens.joined(last + 2),
                after.kind == .word || after.kind == .number
            {
                last += 2
            } else {
                break
            }
            count += tokens.all[last].range.count
            hasDigit = hasDigit || tokens.all[last].kind == .number
        }
        // Groups of digits with blanks between them belong together: `943 476 5919`, `B0J 2H0`.
        while hasDigit, let token = tokens.near(last + 1), token.kind == .number, token.digitCount >= 2,
            tokens.joined(last + 2)?.kind != .word,
            tokens.joined(last + 2)?.isMark(".") != true
                || tokens.joined(last + 3)?.kind != .number
        {
            last += 1
            count += token.digitCount
        }
        return hasDigit && count >= least ? last : nil
    }

    /// The end of a telephone number that begins at the token: digits, `+`, brackets, blanks, `-`, `.`, and `x` or `ext`.
    static func phone(_ tokens: Tokens, _ start: Int, least: Int) -> Int? {
        var index = start
        var digits = 0
        var last: Int?
        while let token = tokens[index], index == start || token.gap == .none || token.gap == .space {
            if token.kind == .number {
                guard digits + token.digitCount <= 16 else { break }
                digits += token.digitCount
                last = index
            } else if token.kind == .mark, "+-.()/".contains(token.text) {
                if token.isMark("."), token.gap == .none, tokens.joined(index + 1)?.kind != .number { break }
            } else if ["x", "ext", "extension"].contains(token.lower), digits >= 4,
                let after = tokens[token.gap == .none ? index + 1 : index + 1],
                after.kind == .number || after.isMark(".")
            {
            } else {
                break
            }
            index += 1
        }
        guard let last, digits >= least else { return nil }
        return last
    }
}

extension NumberRules {
    private static let units: Set<String> = [
        "cm", "mm", "ml", "cc", "mg", "kg", "mgy", "hu", "msv", "mci", "mbq", "x", "g", "units", "gy", "cgy", "sec",
        "ms",
    ]

    /// Codes that need no label: social security and telephone numbers, cards, IBANs, long numbers.
    private static func shapes(_ tokens: Tokens) -> [Finding] {
        var findings: [Finding] = []
        var index = 0
        while index < tokens.all.count {
            if let finding = shape(tokens, index) {
                findings.append(finding)
                while let token = tokens[index], token.range.lowerBound < finding.range.upperBound { index += 1 }
            } else {
                index += 1
            }
        }
        return findings
    }

    private static func shape(_ tokens: Tokens, _ index: Int) -> Finding? {
        guard let token = tokens[index] else { return nil }
        let beginsRun =
            token.gap != .none || tokens[index - 1].map { $0.kind == .mark && !".-/_".contains($0.text) } ?? true
        guard beginsRun || token.isMark("(") || token.isMark("+") else { return nil }
        if token.kind == .number, token.digitCount == 3, let last = groups(tokens, index, [3, 2, 4], by: "-") {
            return Finding(tokens.range(index, last), .socialSecurity)
        }
        if let last = phoneShape(tokens, index) { return Finding(tokens.range(index, last), .phoneShape) }
        guard let last = code(tokens, index, least: 7), !isMeasure(tokens, last) else { return nil }
        let run = tokens.all[index...last]
        let digits = run.reduce(0) { $0 + $1.digitCount }
        let letters = run.reduce(0) { $0 + ($1.kind == .word ? $1.text.count : 0) }
        let longest = run.map(\.digitCount).max() ?? 0
        let isWhole = !run.contains { $0.isMark(".") || $0.isMark(":") }
        if isIBAN(run) { return Finding(tokens.range(index, last), .accountShape) }
        if letters == 0, isWhole, digits >= 12, longest >= 4 {
            return Finding(tokens.range(index, last), .accountShape)
        }
        if letters == 0, isWhole, longest >= 7 { return Finding(tokens.range(index, last), .longNumber) }
        // Letters and digits in one: codes, not `T12-L1`, `99mTc` or `18F-FDG`.
        if isWhole, !run.contains(where: { $0.isMark("/") }), letters > 0, longest >= 4, digits >= 5,
            digits + letters >= 7, letters <= digits
        {
            return Finding(tokens.range(index, last), .longNumber)
        }
        return nil
    }

    private static func isMeasure(_ tokens: Tokens, _ last: Int) -> Bool {
        tokens.near(last + 1).map { units.contains($0.lower) } ?? false
    }

    private static func isIBAN(_ run: ArraySlice<Token>) -> Bool {
        let joined = run.map(\.text).joined().utf8
        guard (15...34).contains(joined.count), run.allSatisfy({ $0.kind != .mark }) else { return false }
        let start = Array(joined.prefix(4))
        return start.prefix(2).allSatisfy { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A }
            && start.suffix(2).allSatisfy { $0 >= 0x30 && $0 <= 0x39 } && run.reduce(0) { $0 + $1.digitCount } >= 10
    }

    /// The end of groups of so many digits with the mark between them and nothing beside them.
    private static func groups(_ tokens: Tokens, _ start: Int, _ sizes: [Int], by mark: Character) -> Int? {
        var index = start
        for (place, size) in sizes.enumerated() {
            if place > 0 {
                guard tokens.joined(index)?.isMark(mark) == true, tokens.joined(index + 1) != nil else { return nil }
                index += 1
            }
            guard tokens[index]?.digitCount == size else { return nil }
            index += 1
        }
        if let after = tokens.joined(index), after.kind != .mark || after.isMark(mark) { return nil }
        return index - 1
    }

    /// The end of a telephone number without a label.
    private static func phoneShape(_ tokens: Tokens, _ start: Int) -> Int? {
        guard let first = tokens[start] else { return nil }
        let isOpen = first.isMark("(") || first.isMark("+")
        guard isOpen || first.kind == .number, !tokens.isAttachedLeft(start) else { return nil }
        if isOpen { guard tokens.joined(start + 1)?.kind == .number else { return nil } }
        guard let last = phone(tokens, start, least: 7), !isMeasure(tokens, last), !tokens.isAttachedRight(last) else {
            return nil
        }
        let run = tokens.all[start...last]
        let sizes = run.filter { $0.kind == .number }.map(\.digitCount)
        let total = sizes.reduce(0, +)
        let hasPlus = first.isMark("+")
        guard total <= 16, hasPlus || sizes.count > 1 else { return nil }
        if hasPlus { return total >= 8 ? last : nil }
        let blanks = run.dropFirst().filter { $0.gap == .space && $0.kind == .number }.count
        let slashes = run.filter { $0.isMark("/") }.count
        guard slashes == 0 else { return nil }
        // Local numbers: 467-3395; otherwise three groups or more of which one has three digits, or two with brackets.
        if sizes.count == 2, !isOpen {
            return sizes[1] >= 4 && sizes[0] >= 2 && (sizes[0] >= 3 || total >= 8) && !isYears(run) ? last : nil
        }
        if isOpen { return total >= 7 && (sizes.max() ?? 0) >= 3 ? last : nil }
        guard total >= 8, sizes.allSatisfy({ $0 >= 2 }) || hasExtension(run) || sizes.first == 1 else { return nil }
        if sizes.first == 1, !(sizes.count == 4 && sizes.dropFirst() == [3, 3, 4]) { return nil }
        // A date is no telephone number, nor is a row of short figures.
        if sizes.count == 3, sizes.max() == 4, sizes.min() == 2, sizes.filter({ $0 == 2 }).count == 2 { return nil }
        if blanks == sizes.count - 1, (sizes.max() ?? 0) < 3, sizes.count < 4 { return nil }
        return last
    }

    private static func hasExtension(_ run: ArraySlice<Token>) -> Bool { run.contains { $0.kind == .word } }

    /// `2019-2021`, `1988 1990`.
    private static func isYears(_ run: ArraySlice<Token>) -> Bool {
        run.filter { $0.kind == .number }.allSatisfy { $0.digitCount == 4 && (1880...2100).contains($0.value ?? 0) }
    }
}
