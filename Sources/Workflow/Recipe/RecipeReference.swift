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
