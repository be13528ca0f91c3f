import Diagnostics

extension RecipeKey {
    /// Checks a value and puts it into the recipe.
    func apply(_ value: RecipeValue, to recipe: inout Recipe) throws(Refusal) {
        switch kind {
        case .text(let path):
            recipe[keyPath: path] = try text(value)
        case .optionalText(let path):
            recipe[keyPath: path] = try text(value)
        case .number(let path, let range):
            recipe[keyPath: path] = try number(try scalar(value), in: range)
        case .integer(let path, let range, let other):
            recipe[keyPath: path] = try integer(try scalar(value), in: range, or: other)
        case .choice(let path, let names):
            recipe[keyPath: path] = try choice(try scalar(value), of: names)
        case .choices(let path, let names, let all):
            recipe[keyPath: path] = try choices(value, of: names, all: all)
        case .numbers(let path, let range):
            var numbers: [Double] = []
            for item in try nonEmpty(value) { numbers.append(try number(item, in: range)) }
            recipe[keyPath: path] = numbers
        case .alwaysTrue(let path, let why):
            let word = try scalar(value)
            guard !word.isQuoted, word.text == "true" else {
                throw refusal(
                    "out-of-range", word.place, "is \(word.shown); allowed is true: \(why)", "leave the key out")
            }
            recipe[keyPath: path] = true
        case .mebibytes(let path, let range):
            let word = try scalar(value)
            recipe[keyPath: path] = word.text == Self.auto ? nil : try integer(word, in: range, or: nil)
        }
    }

    private static let auto = "auto"

    /// What is allowed, as messages and the reference say it.
    var allowed: String {
        switch kind {
        case .text, .optionalText: "a path"
        case .number(_, let range): range.text(around: name)
        case .integer(_, let range, let other):
            "\(other.map { "\($0), or " } ?? "")\(range.lowerBound) to \(range.upperBound)"
        case .choice(_, let names): names.joined(separator: ", ")
        case .choices(_, let names, let all): ((all.map { [$0] } ?? []) + names).joined(separator: ", ")
        case .numbers(_, let range): "a list of numbers, \(range.text(around: "each"))"
        case .alwaysTrue: "true"
        case .mebibytes(_, let range): "\(Self.auto), or \(range.lowerBound) to \(range.upperBound)"
        }
    }

    /// The kind of value in one word or two, for the reference.
    var kindName: String {
        switch kind {
        case .text, .optionalText: "text"
        case .number: "number"
        case .integer: "whole number"
        case .choice: "word"
        case .choices: "word or list of words"
        case .numbers: "list of numbers"
        case .alwaysTrue: "true"
        case .mebibytes: "word or whole number"
        }
    }

    /// The value that a recipe holds for this key, as YAML.
    func valueText(of recipe: Recipe) -> String {
        switch kind {
        case .text(let path): quoted(recipe[keyPath: path])
        case .optionalText(let path): recipe[keyPath: path].map(quoted) ?? "none"
        case .number(let path, _): plainNumber(recipe[keyPath: path])
        case .integer(let path, _, _): String(recipe[keyPath: path])
        case .choice(let path, _): recipe[keyPath: path]
        case .choices(let path, _, _): "[\(recipe[keyPath: path].joined(separator: ", "))]"
        case .numbers(let path, _): "[\(recipe[keyPath: path].map(plainNumber).joined(separator: ", "))]"
        case .alwaysTrue(let path, _): String(recipe[keyPath: path])
        case .mebibytes(let path, _): recipe[keyPath: path].map { String($0) } ?? Self.auto
        }
    }

    private func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    private func refusal(_ problem: String, _ place: String, _ words: String, _ remedy: String) -> Refusal {
        Refusal(code: "recipe.\(problem)", at: place, "\(name) \(words)", mend: remedy)
    }

    private func scalar(_ value: RecipeValue) throws(Refusal) -> RecipeScalar {
        switch value {
        case .scalar(let scalar): return scalar
        case .list(_, let place):
            throw refusal("wrong-kind", place, "is a list; allowed is one value: \(allowed)", "write one value")
        case .mapping(let place):
            throw refusal(
                "wrong-kind", place, "is a mapping; allowed is: \(allowed)", "write the value on the key's line")
        }
    }

    private func nonEmpty(_ value: RecipeValue) throws(Refusal) -> [RecipeScalar] {
        switch value {
        case .scalar(let scalar): return [scalar]
        case .list(let items, _) where !items.isEmpty: return items
        case .list(_, let place):
            throw refusal("wrong-kind", place, "is an empty list; allowed is: \(allowed)", "write at least one item")
        case .mapping: return [try scalar(value)]
        }
    }

    private func text(_ value: RecipeValue) throws(Refusal) -> String {
        let word = try scalar(value)
        guard !word.text.isEmpty else {
            throw refusal("wrong-kind", word.place, "is empty; allowed is \(allowed)", "write the path")
        }
        guard word.text.utf8.count <= 4096, word.text.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 })
        else {
            throw refusal(
                "wrong-kind", word.place, "holds a control character or more than 4096 bytes",
                "write a plain path on one line")
        }
        if !word.isQuoted, RecipeScalar.flagWords.contains(word.text.lowercased()) {
            throw refusal(
                "wrong-kind", word.place, "is \(word.text), which YAML reads as a flag or as nothing",
                "write \"\(word.text)\" in quotes if that is the path")
        }
        return word.text
    }

    private func number(_ word: RecipeScalar, in range: NumberRange) throws(Refusal) -> Double {
        guard !word.isQuoted, let value = StrictNumber.double(word.text) else { throw notANumber(word) }
        guard range.contains(value) else { throw outOfRange(word) }
        return value
    }

    private func integer(_ word: RecipeScalar, in range: ClosedRange<Int>, or other: Int?) throws(Refusal) -> Int {
        guard !word.isQuoted, StrictNumber.double(word.text) != nil else { throw notANumber(word) }
        guard let value = StrictNumber.integer(word.text), range.contains(value) || value == other else {
            throw outOfRange(word)
        }
        return value
    }

    private func choice(_ word: RecipeScalar, of names: [String]) throws(Refusal) -> String {
        guard names.contains(word.text) else {
            let nearest = NearestName.suggestion(for: word.text, among: names)
            throw refusal(
                "out-of-range", word.place, "is \(word.shown); allowed is \(allowed)",
                nearest.map { "write \($0)" } ?? "write one of these")
        }
        return word.text
    }

    private func choices(_ value: RecipeValue, of names: [String], all: String?) throws(Refusal) -> [String] {
        if let all, case .scalar(let word) = value, word.text == all { return names }
        var chosen: [String] = []
        for word in try nonEmpty(value) {
            let name = try choice(word, of: names)
            guard !chosen.contains(name) else {
                throw refusal("duplicate", word.place, "names \(name) twice", "name it once")
            }
            chosen.append(name)
        }
        return chosen
    }

    private func outOfRange(_ word: RecipeScalar) -> Refusal {
        refusal("out-of-range", word.place, "is \(word.shown); allowed is \(allowed)", "write a number in that range")
    }

    private func notANumber(_ word: RecipeScalar) -> Refusal {
        refusal(
            "not-a-number", word.place, "is \(word.shown), which is not a number; allowed is \(allowed)",
            "write it like 5, 0.1 or 5e-4: no quotes, no leading zeros, no underscores")
    }
}

/// Numbers as recipes write them, by one strict rule: `-?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?`, as in JSON.
///
/// YAML itself reads `012` as 10, `12:30` as 750 and `.nan` as a number; none of them is one here.
enum StrictNumber {
    /// The finite number that the text writes, else nil.
    static func double(_ text: String) -> Double? {
        guard isWellFormed(Array(text.utf8)), let value = Double(text), value.isFinite else { return nil }
        return value
    }

    /// The whole number that the text writes, without fraction or exponent, else nil.
    static func integer(_ text: String) -> Int? {
        guard isWellFormed(Array(text.utf8)) else { return nil }
        return Int(text)
    }

    private static func isWellFormed(_ bytes: [UInt8]) -> Bool {
        var index = 0
        func digits() -> Int {
            let start = index
            while index < bytes.count, bytes[index] >= UInt8(ascii: "0"), bytes[index] <= UInt8(ascii: "9") {
                index += 1
            }
            return index - start
        }
        if bytes.first == UInt8(ascii: "-") { index += 1 }
        let first = index
        let whole = digits()
        guard whole == 1 || (whole > 1 && bytes[first] != UInt8(ascii: "0")) else { return false }
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            guard digits() > 0 else { return false }
        }
        if index < bytes.count, bytes[index] == UInt8(ascii: "e") || bytes[index] == UInt8(ascii: "E") {
            index += 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
                index += 1
            }
            guard digits() > 0 else { return false }
        }
        return index == bytes.count
    }
}
