/// Synthetic radiology reports as HL7 v2 messages and FHIR resources, invented for these tests.
enum InventedReports {
    static let effusion = "There is a small left pleural effusion. The heart is of normal size. No pneumothorax."

    /// One ORU^R01 message.
    static func message(
        _ accession: String, status: String, minute: Int, patient: String = "MRN55501", findings: String = effusion,
        impression: String?, accessionField: Int = 18
    ) -> String {
        var order = [String](repeating: "", count: 34)
        order[0] = "1"
        order[3] = "71020^Chest 2 views^CPT"
        order[accessionField - 1] = accession
        order[21] = stamp(minute)
        order[23] = "CR"
        order[24] = status
        order[31] = "A900&READER&FIRST"
        order[32] = status == "P" ? "R700&TRAINEE&SECOND" : ""
        var segments = [
            "MSH|^~\\&|RIS|HOSPITAL|OVERREAD|LAB|\(stamp(minute))||ORU^R01|M\(accession)\(status)\(minute)|P|2.5.1",
            "PID|1||\(patient)^^^HOSPITAL^MR||INVENTED^PERSON||19500101|F",
            "OBR|" + order.joined(separator: "|"),
        ]
        if let impression {
            segments.append("OBX|1|TX|71020&GDT||\(findings)||||||\(status)")
            segments.append("OBX|2|TX|71020&IMP||\(impression)||||||\(status)")
        }
        return segments.map { $0 + "\r" }.joined()
    }

    private static func stamp(_ minute: Int) -> String {
        "202601261\(minute < 600 ? "0" : "1")\(minute % 60 < 10 ? "0" : "")\(minute % 60)00"
    }

    static func draft(_ accession: String, _ impression: String = "Small left effusion is seen today.") -> String {
        message(accession, status: "P", minute: 5, impression: impression)
    }

    static func final(
        _ accession: String, _ impression: String = "Small left pleural effusion without pneumothorax."
    ) -> String {
        message(accession, status: "F", minute: 45, impression: impression)
    }

    /// A FHIR DiagnosticReport on one line.
    static func fhir(_ accession: String, version: Int, status: String, impression: String) -> String {
        let text = "FINDINGS: \(effusion)\\n\\nIMPRESSION: \(impression)"
        let data = base64(Array(text.replacing("\\n", with: "\n").utf8))
        return """
            {"resourceType":"DiagnosticReport","id":"r1","meta":{"versionId":"\(version)",\
            "lastUpdated":"2026-01-26T1\(version):00:00Z"},"status":"\(status)",\
            "identifier":[{"type":{"coding":[{"code":"ACSN"}]},"value":"\(accession)"}],\
            "code":{"text":"Chest"},"subject":{"reference":"Patient/p1"},"issued":"2026-01-26T1\(version):00:00Z",\
            "presentedForm":[{"contentType":"text/plain","data":"\(data)"}]}
            """ + "\n"
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = (0..<3).map { start + $0 < bytes.count ? Int(bytes[start + $0]) : 0 }
            let bits = group[0] << 16 | group[1] << 8 | group[2]
            for place in 0..<4 {
                let isPadding = start + place > bytes.count
                text.append(isPadding ? "=" : digits[bits >> (18 - 6 * place) & 63])
            }
        }
        return text
    }

    static let feed = "name: ris\ninstruction: \"Write the impression.\"\n"
}
