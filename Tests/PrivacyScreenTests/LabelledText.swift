import Foundation
import PrivacyScreen

/// A text of presidio-research's synthetic set with what is labelled in it.
struct LabelledText: Decodable {
    struct Span: Decodable {
        let entity_type: String
        let entity_value: String
        let start_position: Int
        let end_position: Int
    }

    let full_text: String
    let spans: [Span]

    /// The set, where it has been put beside the repository or `OVERREAD_SHARED_DATA` names its folder; nil elsewhere.
    static let path = sharedData("phi/presidio_synth_dataset_v2.json")

    static func load() throws -> [LabelledText] {
        guard let path else { return [] }
        return try JSONDecoder().decode([LabelledText].self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// The labelled stretches as bytes, with the class of each or nil where Safe Harbor or a report has no such thing.
    var labels: [(range: Range<Int>, type: String, identifierClass: IdentifierClass?)] {
        var offsets = [0]
        for scalar in full_text.unicodeScalars { offsets.append((offsets.last ?? 0) + UTF8.width(scalar)) }
        return spans.map {
            (offsets[$0.start_position]..<offsets[$0.end_position], $0.entity_type, Self.identifierClass(of: $0))
        }
    }

    /// The set's labels as classes of Safe Harbor.
    ///
    /// Outside: organisations (companies in prose; a site's facilities are listed by the site), titles and professions,
    /// nationalities, countries (wider than a state), years alone, and ages up to 89.
    private static func identifierClass(of span: Span) -> IdentifierClass? {
        switch span.entity_type {
        case "PERSON": .name
        case "STREET_ADDRESS", "ZIP_CODE": .geography
        case "GPE": countries.contains(span.entity_value.lowercased()) ? nil : .geography
        case "DATE_TIME": span.entity_value.count == 4 && Int(span.entity_value) != nil ? nil : .date
        case "AGE": (Int(span.entity_value) ?? 0) > 89 ? .date : nil
        case "PHONE_NUMBER": .phone
        case "EMAIL_ADDRESS": .email
        case "DOMAIN_NAME": .url
        case "IP_ADDRESS": .ipAddress
        case "US_SSN": .socialSecurity
        case "CREDIT_CARD", "IBAN_CODE": .account
        case "US_DRIVER_LICENSE": .license
        default: nil
        }
    }

    private static let countries: Set<String> = Set(
        """
        afghanistan,albania,algeria,argentina,australia,austria,bangladesh,belgium,belize,bolivia,brazil,bulgaria,cambodia,
        canada,chile,china,colombia,croatia,cuba,cyprus,czechia,denmark,ecuador,egypt,estonia,finland,france,germany,ghana,
        greece,greenland,hungary,iceland,india,indonesia,iran,iraq,ireland,israel,italy,jamaica,japan,kenya,latvia,lebanon,
        lithuania,luxembourg,malaysia,malta,mexico,netherlands,nigeria,norway,pakistan,panama,paraguay,peru,philippines,poland,
        portugal,romania,russia,serbia,singapore,slovakia,slovenia,spain,sweden,switzerland,taiwan,thailand,tunisia,turkey,
        uganda,ukraine,uruguay,venezuela,vietnam,zimbabwe,england,scotland,wales,usa,uk,us,united states,united kingdom,
        new zealand,south africa,czech republic,south korea,saudi arabia
        """.split(whereSeparator: { $0 == "," || $0 == "\n" }).map(String.init))
}

/// A file of the data that may lie beside the repository, or nil.
func sharedData(_ name: String) -> String? {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    let named = ProcessInfo.processInfo.environment["OVERREAD_SHARED_DATA"].map { URL(fileURLWithPath: $0) }
    let folder = named ?? root.deletingLastPathComponent().appendingPathComponent("shared/data")
    let path = folder.appendingPathComponent(name).path
    return FileManager.default.fileExists(atPath: path) ? path : nil
}
