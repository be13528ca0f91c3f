public import Diagnostics
internal import Yams

/// A value of a YAML file with its place.
public struct YAMLValue {
    let node: Node
    let file: String
    /// The first half of the codes of refusals.
    let area: String
    /// The keys that lead to it.
    let path: String

    /// The value's place as `file:line:column`, with its keys.
    public var location: String {
        let place = node.mark.map { "\(file):\($0.line):\($0.column)" } ?? file
        return path.isEmpty ? place : place + " (" + path + ")"
    }

    /// A refusal at this value's place.
    public func refusal(_ code: String, _ problem: String, mend remedy: String) -> Refusal {
        Refusal(code: code, at: location, problem, mend: remedy)
    }

    /// The members of a mapping in file order.
    public func members() throws(Refusal) -> [(key: String, value: YAMLValue)] {
        guard case .mapping(let mapping) = node else {
            throw refusal("yaml.type", "found no mapping; a mapping of keys to values is needed", mend: "give one")
        }
        var members: [(key: String, value: YAMLValue)] = []
        for (key, value) in mapping {
            let name = try YAMLValue(node: key, file: file, area: area, path: path).text()
            let inner = path.isEmpty ? name : path + "." + name
            members.append((name, YAMLValue(node: value, file: file, area: area, path: inner)))
        }
        return members
    }

    /// Refuses keys that are not allowed, naming the nearest one that is.
    public func allowOnly(_ names: [String], what: String) throws(Refusal) {
        guard case .mapping(let mapping) = node else {
            _ = try members()
            return
        }
        for (key, _) in mapping {
            let place = YAMLValue(node: key, file: file, area: area, path: path)
            let name = try place.text()
            guard !names.contains(name) else { continue }
            let nearest = NearestName.suggestion(for: name, among: names)
            throw place.refusal(
                area + ".unknown-key",
                "'\(name.prefix(40))' is no \(what); allowed are \(names.joined(separator: ", "))",
                mend: nearest.map { "write '\($0)'" } ?? "take one of those")
        }
    }

    /// The value of a key of a mapping, or nil where there is none.
    public func optionalMember(_ name: String) -> YAMLValue? {
        guard case .mapping(let mapping) = node else { return nil }
        for (key, value) in mapping where key.scalar?.string == name {
            return YAMLValue(node: value, file: file, area: area, path: path.isEmpty ? name : path + "." + name)
        }
        return nil
    }

    /// The value of a key; refuses a mapping without it as `<area>.missing-key`.
    public func member(_ name: String) throws(Refusal) -> YAMLValue {
        guard let value = optionalMember(name) else {
            throw refusal(area + ".missing-key", "the key '\(name)' is missing", mend: "add '\(name)'")
        }
        return value
    }

    /// The elements of a list; refuses anything else as `yaml.type`.
    public func entries() throws(Refusal) -> [YAMLValue] {
        guard case .sequence(let sequence) = node else {
            throw refusal("yaml.type", "found no list; a list is needed", mend: "give a list")
        }
        return sequence.enumerated().map { YAMLValue(node: $1, file: file, area: area, path: "\(path)[\($0)]") }
    }

    /// A text that is not empty: quoted, or plain where YAML reads it as nothing else.
    public func text() throws(Refusal) -> String {
        guard case .scalar(let scalar) = node, isQuoted(scalar) || node.tag == Tag(.str) else {
            throw refusal("yaml.type", "found no text; a text is needed", mend: "write the text in quotes")
        }
        guard !scalar.string.isEmpty else {
            throw refusal("yaml.empty-text", "the text is empty", mend: "give a text")
        }
        return scalar.string
    }

    /// A whole number in decimal digits, without sign, leading zero or quotes.
    public func integer(in range: ClosedRange<Int>) throws(Refusal) -> Int {
        let allowed = "a whole number from \(range.lowerBound) to \(range.upperBound) is needed"
        guard case .scalar(let scalar) = node, !isQuoted(scalar),
            !scalar.string.isEmpty, scalar.string.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            scalar.string.utf8.count == 1 || scalar.string.utf8.first != 0x30,
            let number = Int(scalar.string)
        else {
            throw refusal("yaml.type", "found no whole number; \(allowed)", mend: "write digits only")
        }
        guard range.contains(number) else {
            throw refusal(area + ".range", "found \(number); \(allowed)", mend: "give a number in that range")
        }
        return number
    }

    /// One of the cases of an enum, by its raw value.
    public func choice<Choice: RawRepresentable>(_ all: [Choice], what: String) throws(Refusal) -> Choice
    where Choice.RawValue == String {
        let written = try text()
        if let choice = Choice(rawValue: written) { return choice }
        let names = all.map(\.rawValue)
        throw refusal(
            area + ".unknown-\(what)",
            "'\(written.prefix(40))' is no \(what); there are \(names.joined(separator: ", "))",
            mend: NearestName.suggestion(for: written, among: names).map { "write '\($0)'" } ?? "take one of those")
    }

    private func isQuoted(_ scalar: Node.Scalar) -> Bool {
        scalar.style == .doubleQuoted || scalar.style == .singleQuoted
    }
}
