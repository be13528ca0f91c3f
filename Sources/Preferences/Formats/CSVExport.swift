internal import StrictJSON

/// Pairs as comma-separated values that ``CSVFile`` reads back to the same pairs.
enum CSVExport {
    static func bytes(_ pairs: [PreferencePair], provenance: Bool) -> [UInt8] {
        let texts = ["prompt", "chosen", "rejected"]
        let names = ["form"] + (provenance ? PreferencePair.fieldNames + ["additional"] : texts)
        var bytes: [UInt8] = []
        append(names.map { $0 }, to: &bytes)
        for pair in pairs {
            let object = pair.jsonObject
            let cells = names.map { name -> String? in
                switch name {
                case "form": if case .messages = pair.prompt { "messages" } else { "text" }
                case "additional":
                    pair.additional.members.isEmpty ? nil : JSONValue.object(pair.additional).serialized()
                default: cell(object[name])
                }
            }
            append(cells, to: &bytes)
        }
        return bytes
    }

    /// A text as it is, everything else as JSON; nil for an absent field.
    private static func cell(_ value: JSONValue?) -> String? {
        guard let value, !value.isNull else { return nil }
        return value.string ?? value.serialized()
    }

    /// Appends one record: an absent field is nothing at all, an empty text a pair of quotation marks.
    private static func append(_ cells: [String?], to bytes: inout [UInt8]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            guard let cell else { continue }
            let needsMarks =
                cell.isEmpty
                || cell.utf8.contains { [UInt8(ascii: "\""), UInt8(ascii: ","), 0x0A, 0x0D].contains($0) }
            guard needsMarks else {
                bytes.append(contentsOf: cell.utf8)
                continue
            }
            bytes.append(UInt8(ascii: "\""))
            for byte in cell.utf8 {
                if byte == UInt8(ascii: "\"") { bytes.append(byte) }
                bytes.append(byte)
            }
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(contentsOf: [0x0D, 0x0A])
    }
}
