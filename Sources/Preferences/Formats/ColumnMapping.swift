public import Diagnostics
internal import StrictJSON
internal import StrictYAML

/// Which columns of a foreign file mean what, read from a YAML file.
///
/// ```yaml
/// columns:
///   prompt: question
///   chosen: response_j
///   rejected: response_k
/// ```
/// or, where a column says which of two answers is preferred:
/// ```yaml
/// columns: {prompt: input, first: output_1, second: output_2, preference: label}
/// preference: {first: ["1"], second: ["2"], tie: ["0"]}
/// ```
/// Argilla's and Label Studio's exports take `question`, the name of the question that ranks or compares, and Argilla's
/// take `ratings`, the rating question of each answer's field.
public struct ColumnMapping: Sendable, Equatable {
    /// The largest mapping that is read, in bytes.
    static let largestFile = 256 << 10
    /// The fields besides a pair's own that a column may stand for.
    static let choiceFields = ["first", "second", "preference"]
    /// The fields that hold texts.
    static let textFields = ["prompt", "chosen", "rejected", "first", "second"]

    /// One name beside another.
    struct Entry: Sendable, Equatable {
        let name: String
        let column: String
    }

    /// A pair's field with the column that holds it, in file order.
    let columns: [Entry]
    /// The words of the preference column, or the names of ranked answers, that mean `first`, `second` and `tie`.
    let words: [String: [String]]
    /// The question that ranks or compares.
    let question: String?
    /// An answer's field with the question that rates it.
    let ratings: [Entry]

    /// SHA-256 of what the mapping says, whatever its file looks like.
    var digest: String {
        var digest = ContentDigest("overread column mapping v1")
        func add(_ entries: [Entry]) {
            digest.add(Int64(entries.count))
            for entry in entries.sorted(by: { $0.name.precedesInBytes($1.name) }) {
                digest.add(entry.name)
                digest.add(entry.column)
            }
        }
        add(columns)
        for verdict in ["first", "second", "tie"] {
            let meant = words[verdict] ?? []
            digest.add(Int64(meant.count))
            for word in meant { digest.add(word) }
        }
        digest.add(optional: question)
        add(ratings)
        return digest.finishedHex()
    }

    /// The column of a field.
    func column(_ field: String) -> String? { columns.first { $0.name == field }?.column }

    /// Reads a mapping from a file of at most 256 KiB.
    ///
    /// - Throws: a refusal of the file system, of strict YAML, or of a key or a combination that is not allowed.
    public static func load(path: String) throws(Refusal) -> ColumnMapping {
        try ColumnMapping(parsing: try FileSafety.contents(path, limit: largestFile), named: path)
    }

    /// Reads a mapping from the bytes of a YAML file; `named` is the file's name in refusals.
    public init(parsing bytes: [UInt8], named: String) throws(Refusal) {
        let root = try YAMLDocument(bytes, named: named, area: "mapping").root
        try root.allowOnly(["columns", "preference", "question", "ratings"], what: "key of a column mapping")
        let given = try root.member("columns")
        try given.allowOnly(PreferencePair.fieldNames + Self.choiceFields, what: "field of a pair")
        columns = try Self.entries(given)
        var words: [String: [String]] = [:]
        if let given = root.optionalMember("preference") {
            try given.allowOnly(["first", "second", "tie"], what: "verdict")
            for (verdict, list) in try given.members() {
                for entry in try list.entries() {
                    let word = try entry.text()
                    guard !words.values.joined().contains(where: { $0.sameBytes(as: word) }) else {
                        throw entry.refusal("mapping.repeated", "the word is given twice", mend: "keep one of the two")
                    }
                    words[verdict, default: []].append(word)
                }
            }
        }
        self.words = words
        question = try root.optionalMember("question")?.text()
        ratings = try root.optionalMember("ratings").map(Self.entries) ?? []
        try check(given, root.optionalMember("preference"))
    }

    private static func entries(_ mapping: YAMLValue) throws(Refusal) -> [Entry] {
        var entries: [Entry] = []
        for (name, value) in try mapping.members() {
            let column = try value.text()
            guard !entries.contains(where: { $0.column.sameBytes(as: column) }) else {
                throw value.refusal(
                    "mapping.repeated", "the column is given twice", mend: "give every field a column of its own")
            }
            entries.append(Entry(name: name, column: column))
        }
        return entries
    }

    /// Refuses combinations of columns that make no pair.
    private func check(_ given: YAMLValue, _ preference: YAMLValue?) throws(Refusal) {
        func refuse(_ problem: String, mend remedy: String) -> Refusal {
            given.refusal("mapping.columns", problem, mend: remedy)
        }
        guard column("prompt") != nil else { throw refuse("there is no column for the prompt", mend: "add 'prompt'") }
        for (one, other) in [("chosen", "rejected"), ("first", "second")]
        where (column(one) == nil) != (column(other) == nil) {
            let missing = column(one) == nil ? one : other
            throw refuse("'\(one)' and '\(other)' come together; '\(missing)' is missing", mend: "add '\(missing)'")
        }
        guard column("chosen") == nil || column("first") == nil else {
            throw refuse(
                "both 'chosen' and 'rejected' and 'first' and 'second' are given",
                mend: "give the ones that the file has")
        }
        guard column("preference") == nil || column("first") != nil else {
            throw refuse("'preference' chooses between 'first' and 'second', which are missing", mend: "add them")
        }
        guard column("preference") == nil || (words["first"] != nil && words["second"] != nil) else {
            throw (preference ?? given).refusal(
                "mapping.columns", "it is not said which words of the preference column mean first and second",
                mend: "add preference: {first: [\"…\"], second: [\"…\"]}")
        }
    }
}
