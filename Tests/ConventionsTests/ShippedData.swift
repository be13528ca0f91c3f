import Foundation

/// The data that ships under `Preferences/`, read from the repository this test was built from.
enum ShippedData {
    struct Message: Decodable { let role, content: String }

    struct Pair: Decodable {
        let id, patient, split, findings: String
        let rejected_kind: String
        let finding_kinds: [String]
        let unseen_kind: Bool
        let prompt, chosen, rejected: [Message]

        var chosenText: String { chosen.map(\.content).joined() }
        var rejectedText: String { rejected.map(\.content).joined() }
        var promptText: String { prompt.map(\.content).joined() }
    }

    struct FewShot: Decodable {
        struct Example: Decodable {
            let id: String
            let messages: [Message]
        }
        let examples: [Example]
    }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Preferences")
    static let conventions = folder.appending(path: "conventions/house-style.yaml").path(percentEncoded: false)

    static func pairs() throws -> [Pair] {
        let data = try Data(contentsOf: folder.appending(path: "impression-pairs.jsonl"))
        return try data.split(separator: 0x0A).map { try JSONDecoder().decode(Pair.self, from: Data($0)) }
    }

    static func fewShot() throws -> FewShot {
        try JSONDecoder().decode(FewShot.self, from: Data(contentsOf: folder.appending(path: "few-shot.json")))
    }
}
