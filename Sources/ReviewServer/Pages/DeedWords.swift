internal import Preferences
internal import ReviewPages
internal import StrictJSON

/// What a person did, in words for the page of one's own work.
enum DeedWords {
    static func item(_ deed: JSONObject) -> OwnWork.Item {
        let at = deed["at"]?.string.flatMap { UTCTime($0) }?.shown ?? ""
        let active = (deed["active_ms"]?.double).map { $0 / 1000 }
        let number = (deed["presentation"] ?? deed["presentation_id"] ?? deed["task_id"] ?? deed["pair_id"])?.int
        let detail = number.map { "no. \($0)" }
        let (kind, answer): (String, String) =
            switch deed["kind"]?.string {
            case "judgement": (page(deed), judged(deed))
            case "undo": (page(deed), "taken back")
            case "correction": ("Corrected", corrected(deed))
            case "draft": ("Corrected", words[deed["outcome"]?.string ?? ""] ?? "closed")
            default: ("Decided", words[deed["outcome"]?.string ?? ""] ?? "decided")
            }
        return OwnWork.Item(
            at: at, kind: kind, answer: answer, detail: detail, activeSeconds: active,
            isTakenBack: deed["kind"]?.string == "undo")
    }

    private static func page(_ deed: JSONObject) -> String { deed["page"]?.string == "arena" ? "Arena" : "Judged" }

    private static func judged(_ deed: JSONObject) -> String {
        let choice = words[deed["choice"]?.string ?? ""] ?? "answered"
        guard let strength = deed["strength"]?.int, let word = strengths[strength] else { return choice }
        return "\(choice), \(word) better"
    }

    private static func corrected(_ deed: JSONObject) -> String {
        let inserted = deed["inserted_words"]?.int ?? 0
        let deleted = deed["deleted_words"]?.int ?? 0
        return "\(inserted) words put in, \(deleted) taken out"
    }

    private static let strengths = [0: "negligibly", 1: "slightly", 2: "clearly", 3: "significantly"]
    private static let words = [
        "left": "left", "right": "right", "both_good": "both good", "both_bad": "both bad", "skip": "skipped",
        "cannot_judge": "cannot be judged", "accepted": "good as it stood", "skipped": "skipped", "x": "one side",
        "y": "one side", "exclude": "left out",
    ]
}
