internal import Diagnostics
internal import Preferences
internal import StrictJSON

/// What a client sends of an answer and of its screen, as the store takes it.
enum JudgementBody {
    /// The longest time that a screen may report, in milliseconds: a week.
    static let greatestTime = 604_800_000

    static func judgement(_ fields: BodyFields) throws(Refusal) -> Judgement {
        try fields.allowOnly(
            "presentation", "revision", "key", "choice", "strength", "confidence", "criteria", "errors", "comment",
            "circumstances")
        var judgement = Judgement(try fields.choice("choice"))
        judgement.strength = try strength(fields)
        judgement.confidence = try fields.optionalInteger("confidence", in: 1...3)
        for item in try fields.objects("criteria", atMost: 5) {
            try item.allowOnly("criterion", "winner")
            judgement.criteria.append(
                Judgement.CriterionVerdict(try item.choice("criterion"), try item.optionalChoice("winner")))
        }
        for item in try fields.objects("errors", atMost: 50) { judgement.errors.append(try mark(item)) }
        let comment = try fields.optionalText("comment", bytes: 0...16_384)
        judgement.comment = comment?.isEmpty == true ? nil : comment
        if let item = try fields.optionalObject("circumstances") { judgement.circumstances = try circumstances(item) }
        return judgement
    }

    static func strength(_ fields: BodyFields) throws(Refusal) -> Judgement.Strength? {
        try fields.optionalInteger("strength", in: 0...3).flatMap { Judgement.Strength(rawValue: $0) }
    }

    /// What the eye sees, kept with a presentation.
    static func screen(_ fields: BodyFields?) throws(Refusal) -> JSONObject {
        guard let fields else { return JSONObject() }
        try fields.allowOnly("layout", "mode", "theme", "font_percent", "width", "height")
        var object = JSONObject()
        for (name, words) in [
            ("layout", ["columns", "rows"]), ("mode", ["careful", "quick"]), ("theme", ["dark", "light"]),
        ] {
            guard let text = try fields.optionalText(name) else { continue }
            guard words.contains(text) else { throw fields.bad(name, "none of \(words.joined(separator: ", "))") }
            object.members.append(JSONObject.Member(name, .string(text)))
        }
        for (name, range) in [("font_percent", 50...400), ("width", 1...100_000), ("height", 1...100_000)] {
            guard let number = try fields.optionalInteger(name, in: range) else { continue }
            object.members.append(JSONObject.Member(name, .number(JSONNumber(number))))
        }
        return object
    }

    private static func mark(_ fields: BodyFields) throws(Refusal) -> Judgement.ErrorMark {
        try fields.allowOnly(
            "side", "category", "significant", "actionability", "section", "start", "end", "note")
        var mark = Judgement.ErrorMark(
            try fields.choice("side"), try fields.choice("category"), isSignificant: try fields.bool("significant"))
        mark.actionability = try fields.optionalChoice("actionability")
        mark.section = try fields.optionalText("section")
        mark.note = try fields.optionalText("note", bytes: 1...4096)
        let start = try fields.optionalInteger("start", in: 0...1_000_000)
        let end = try fields.optionalInteger("end", in: 1...1_000_000)
        switch (start, end) {
        case (nil, nil): break
        case (let start?, let end?) where start < end: mark.bytes = start..<end
        default: throw fields.bad("start", "start and end belong together, start before end")
        }
        return mark
    }

    private static func circumstances(_ fields: BodyFields) throws(Refusal) -> Judgement.Circumstances {
        try fields.allowOnly("first_action_ms", "active_ms", "hidden_ms", "idle_ms", "diff_visible", "image_opened")
        func time(_ name: String) throws(Refusal) -> Int? {
            try fields.optionalInteger(name, in: 0...greatestTime)
        }
        return Judgement.Circumstances(
            firstActionMilliseconds: try time("first_action_ms"), activeMilliseconds: try time("active_ms"),
            hiddenMilliseconds: try time("hidden_ms"), idleMilliseconds: try time("idle_ms"),
            diffWasVisible: try fields.optionalBool("diff_visible"),
            imageWasOpened: try fields.optionalBool("image_opened"))
    }
}
