/// The reference of all recipe keys as Markdown, made from the table that reads them.
public enum RecipeReference {
    /// The table of keys between the two marks of `Recipes/README.md`.
    public static var markdownTable: String {
        let standard = Recipe()
        var text = "| key | value | default | allowed | what it does |\n|---|---|---|---|---|\n"
        for key in RecipeKey.all {
            let standing = key.isRequired ? "required" : code(key.valueText(of: standard))
            text += "| `\(key.name)` | \(key.kindName) | \(standing) | \(cell(key.allowed)) | \(key.meaning). |\n"
        }
        return text
    }

    /// The keys with their defaults in columns, for `overread train --help`.
    public static var helpText: String {
        let standard = Recipe()
        let width = RecipeKey.all.map(\.name.utf8.count).max() ?? 0
        return RecipeKey.all.map { key in
            let name = key.name + String(repeating: " ", count: width - key.name.utf8.count)
            let standing = key.isRequired ? "required" : "default \(key.valueText(of: standard))"
            return "  \(name)  \(standing); allowed: \(key.allowed)"
        }.joined(separator: "\n")
    }

    private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|").replacing("<", with: "&lt;") }

    private static func code(_ text: String) -> String {
        switch text {
        case "none": "none"
        case "[]": "1 each"
        default: "`\(text)`"
        }
    }
}

extension Recipe {
    /// A recipe at its defaults, without the keys that have none; only the reference needs one.
    init() {}
}
