internal import Diagnostics
internal import Preferences
internal import StrictJSON

/// What a client sends of a corrected text.
struct CorrectionBody: Sendable {
    let text: String
    let reason: Judgement.ErrorMark.Category?
    let isSignificant: Bool?
    let activeMilliseconds: Int?

    init(_ fields: BodyFields) throws(Refusal) {
        text = try fields.text("text", bytes: 1...65_536)
        reason = try fields.optionalChoice("reason")
        isSignificant = try fields.optionalBool("significant")
        activeMilliseconds = try fields.optionalInteger("active_ms", in: 0...JudgementBody.greatestTime)
    }

    /// The edit; the store gives the text the form of the one that was corrected.
    var edit: Edit {
        Edit(
            text: .text(text), activeMilliseconds: activeMilliseconds, reason: reason,
            isClinicallySignificant: isSignificant)
    }

    /// An edit that was kept.
    static func json(_ kept: RecordedEdit) -> JSONObject {
        [
            "edit": JSONValue(kept.edit), "kept_words": JSONValue(kept.keptWords as Int?),
            "inserted_words": JSONValue(kept.insertedWords as Int?),
            "deleted_words": JSONValue(kept.deletedWords as Int?),
        ]
    }
}
