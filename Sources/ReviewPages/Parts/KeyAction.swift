/// One thing that a key does; the page's buttons, its help and its script all take their keys from here.
///
/// The script reads them from the buttons' `aria-keyshortcuts`.
struct KeyAction: Sendable {
    /// The action's name in `data-act`.
    let action: String
    /// The key by its name in `KeyboardEvent.key`.
    let shortcut: String
    /// The key as it is shown.
    let shown: String
    /// The button's words.
    let label: String
    /// What it does, for the help.
    let help: String

    init(_ action: String, _ shortcut: String, _ label: String, shown: String? = nil, help: String) {
        self.action = action
        self.shortcut = shortcut
        self.shown = shown ?? shortcut
        self.label = label
        self.help = help
    }

    static let left = KeyAction(
        "left", "1", "Left is better", help: "Left is better; press again for better, significantly better")
    static let right = KeyAction(
        "right", "2", "Right is better", help: "Right is better; press again for better, significantly better")
    static let good = KeyAction("both_good", "0", "Both good", help: "Both are acceptable, neither is preferred")
    static let bad = KeyAction("both_bad", "9", "Both bad", help: "You would sign neither without rewriting")
    static let cannot = KeyAction("cannot_judge", "x", "Cannot judge", help: "It cannot be judged from what is shown")
    static let skip = KeyAction("skip", "s", "Skip", help: "Not now: say why, and another reader may have the case")
    static let save = KeyAction("save", "Enter", "Save", shown: "Enter", help: "Save the answer, show the next case")
    static let clear = KeyAction("clear", "Escape", "Clear", shown: "Esc", help: "Clear the answer; leave a field")
    static let diff = KeyAction("diff", "d", "Differences", help: "Mark the words that differ, or stop marking")
    static let whole = KeyAction("whole", "w", "Impression only", help: "Whole text, or the impression only")
    static let edit = KeyAction("edit", "e", "Edit", help: "Correct the preferred text; your version is kept as well")
    static let tags = KeyAction("tags", "t", "Reasons", help: "Say why: at most two criteria")
    static let mark = KeyAction("mark", "m", "Mark an error", help: "Mark the selected words as an error")
    static let note = KeyAction("note", "n", "Note", help: "Write a note")
    static let study = KeyAction("study", "i", "Open the study", help: "Open the images in the viewer")
    static let undo = KeyAction("undo", "u", "Undo", help: "Take the last answer back")
    static let previous = KeyAction(
        "previous", "ArrowLeft", "Earlier", shown: "\u{2190}", help: "Your answer before this one")
    static let next = KeyAction("next", "ArrowRight", "Later", shown: "\u{2192}", help: "Your answer after this one")
    static let help = KeyAction("help", "?", "Keys and display", help: "This list")
    static let exclude = KeyAction("exclude", "x", "Leave out", help: "The pair is of no use: leave it out")

    static let judging: [KeyAction] = [
        left, right, good, bad, cannot, skip, save, clear, diff, whole, edit, tags, mark, note, study, undo, previous,
        next, help,
    ]
    static let arena = judging.filter { $0.action != "edit" }
    static let deciding: [KeyAction] = [
        left, right, good, bad, exclude, save, clear, diff, whole, note, study, previous, next, help,
    ]
    static let correcting: [KeyAction] = [
        KeyAction(
            "save", "Control+Enter", "Save the correction", shown: "Ctrl Enter",
            help: "Save your text: it becomes the preferred one"),
        KeyAction("accepted", "a", "Draft is fine", help: "The draft is good as it stands"),
        KeyAction("edit", "e", "Edit", help: "Go to the text; Esc leaves it"),
        diff, study, skip, cannot,
        KeyAction("restore", "r", "Restore the draft", help: "Throw your changes away; pressed again, take them back"),
        help,
    ]
}
