/// The rules about sides and measurements.
enum AgreementRules {
    /// The side of each statement against the findings.
    ///
    /// The sentences of the findings that share most content words with the statement, at least half of them, decide;
    /// where they name no side, or no sentence is near, the side must occur anywhere in the findings.
    static func laterality(_ text: CheckedText) -> RuleAnswer {
        guard let findings = text.findings else { return .notApplicable }
        var applies = false
        var places: [BrokenPlace] = []
        for statement in text.outline.statements {
            let content = StatementContent(text.bytes, statement.range)
            guard !content.sides.isEmpty else { continue }
            applies = true
            let allowed = sides(of: content, in: findings)
            guard !content.sides.isSubset(of: allowed) else { continue }
            let written = content.sides.count == 2 ? "bilateral" : content.sides.first?.rawValue ?? ""
            let given = allowed.isEmpty ? "no side" : allowed.map(\.rawValue).sorted().joined(separator: " and ")
            places.append(
                BrokenPlace(statement.range, "the side is '\(written)'; for this finding the findings say \(given)"))
        }
        return applies ? .broken(places) : .notApplicable
    }

    private static func sides(of content: StatementContent, in findings: FindingsText) -> Set<StatementContent.Side> {
        let shared = findings.sentences.map { $0.words.intersection(content.words).count }
        let most = shared.max() ?? 0
        guard most > 0, most * 2 >= content.words.count else { return findings.sides }
        var sides: Set<StatementContent.Side> = []
        for (sentence, count) in zip(findings.sentences, shared) where count == most {
            sides.formUnion(sentence.sides)
        }
        return sides.isEmpty ? findings.sides : sides
    }

    /// Every length of the text occurs in the findings, in whichever unit.
    static func measurements(_ text: CheckedText) -> RuleAnswer {
        guard let findings = text.findings else { return .notApplicable }
        let measurements = measurements(in: text)
        guard !measurements.isEmpty else { return .notApplicable }
        return .broken(
            measurements.filter { !findings.lengths.contains($0.micrometres) }.map {
                BrokenPlace($0.range, "the findings do not give this measurement")
            })
    }

    static func measurementStyle(_ text: CheckedText) -> RuleAnswer {
        let measurements = measurements(in: text)
        guard !measurements.isEmpty else { return .notApplicable }
        var places: [BrokenPlace] = []
        for measurement in measurements {
            if measurement.unit != "mm" && measurement.unit != "cm" {
                places.append(BrokenPlace(measurement.range, "the unit is mm or cm, in small letters"))
            } else if measurement.decimals != (measurement.unit == "mm" ? 0 : 1) {
                let wanted = measurement.unit == "mm" ? "whole millimetres" : "one decimal of a centimetre"
                places.append(BrokenPlace(measurement.range, "a measurement has \(wanted)"))
            }
            if Array(text.bytes[measurement.gap]) != [0x20] {
                places.append(BrokenPlace(measurement.range, "one space stands between number and unit"))
            }
            if text.bytes[measurement.number.lowerBound] == 0x2E {
                places.append(BrokenPlace(measurement.range, "a digit stands before the decimal point"))
            }
        }
        return .broken(places)
    }

    private static func measurements(in text: CheckedText) -> [Measurement] {
        text.outline.lines.flatMap { Measurement.all(in: text.bytes, $0.body) }
    }
}
