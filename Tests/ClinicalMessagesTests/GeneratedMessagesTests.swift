import Testing

@testable import ClinicalMessages

/// One synthetic message made at random, with the text that must come out of it.
private struct GeneratedMessage {
    var bytes: [UInt8]
    var text: String
    var control: String
    var lineEnd: [UInt8]
}

@Suite("Generated messages: separators, escapes, character sets, orders, line ends, repeats, blank lines")
struct GeneratedMessagesTests {
    /// A line of text: words, blanks, and separators at its edges.
    private func line(_ charset: HL7Charset, _ random: inout SeededGenerator) -> String {
        let pool = [
            "No", "acute", "disease", "|", "^", "~", "\\", "&", "#", "*", "!", "4.5", "cm", "\\.br\\", "\\T\\",
            "\\X0D\\", "<b>", "é",
            "ß", "µm", "€", "½", "肺", "  ", "-", "MSH", "OBX", "E. coli O157:H7 & others", "\t", "\u{0}", "%", "$", ";",
        ].filter { charset.encode($0) != nil }
        return (0..<Int.random(in: 0...6, using: &random)).compactMap { _ in pool.randomElement(using: &random) }
            .joined(separator: Bool.random(using: &random) ? " " : "")
    }

    private func message(_ number: Int, _ random: inout SeededGenerator) throws -> GeneratedMessage {
        let marks = Array("|^~\\&#*!$%;@".utf8).shuffled(using: &random)
        let isUsual = Int.random(in: 0..<3, using: &random) == 0
        let separators =
            isUsual
            ? HL7Separators.usual
            : try HL7Separators(
                field: marks[0], encodingCharacters: Array(marks[1...Int.random(in: 4...5, using: &random)]), at: "test"
            )
        let charset = [HL7Charset.ascii, .utf8, .latin1, .latin9][Int.random(in: 0..<4, using: &random)]
        let name = charset == .utf8 && Bool.random(using: &random) ? "" : charset.rawValue
        let lineEnd: [UInt8] = [[0x0D], [0x0D], [0x0D, 0x0A], [0x0A]][Int.random(in: 0..<4, using: &random)]
        let escapes = HL7Escapes(separators: separators, charset: charset)
        var lines = (0..<Int.random(in: 1...6, using: &random)).map { _ in line(charset, &random) }
        lines[Int.random(in: 0..<lines.count, using: &random)] += "Text"
        let control = "CONTROL\(number)x"

        func segment(_ name: String, _ fields: [Int: [UInt8]]) -> [UInt8] {
            var bytes = Array(name.utf8)
            for number in 0..<(fields.keys.max() ?? 0) {
                bytes.append(separators.field)
                bytes += fields[number + 1] ?? []
            }
            return bytes + lineEnd
        }
        func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
        let escapedName = try escapes.encode(name, at: "test")
        var header = bytes("MSH") + [separators.field] + separators.encodingCharacters
        let version =
            ["2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8"].randomElement(using: &random) ?? "2.5"
        let type = bytes("ORU") + [separators.component] + bytes("R01")
        for field in [
            bytes("A"), [], bytes("B"), [], bytes("20260301"), [], type, bytes(control), bytes("P"), bytes(version),
        ] {
            header += [separators.field] + field
        }
        header += Array(repeating: separators.field, count: 6) + escapedName + lineEnd
        let order = segment("OBR", [1: bytes("1"), 3: bytes("AB\(number)"), 18: bytes("AB\(number)"), 25: bytes("F")])
        var text: [UInt8] = []
        let types = ["TX", "FT", "ST"]
        let isOneField = Bool.random(using: &random)
        if isOneField {
            // One field, its lines parted by the repetition separator, by `\.br\`, or by a bare line feed.
            let escape = separators.escape ?? 0x5C
            let ways: [[UInt8]] = [[separators.repetition], [escape, 0x2E, 0x62, 0x72, escape], [0x0A]]
            let part = ways[Int.random(in: 0..<(lineEnd.first == 0x0D ? 3 : 2), using: &random)]
            let field = Array(try lines.map { try escapes.encode($0, at: "test") }.joined(separator: part))
            text = segment("OBX", [1: bytes("1"), 2: bytes(types[number % 3]), 5: field, 11: bytes("F")])
        } else {
            for (index, line) in lines.enumerated() {
                if Bool.random(using: &random) {
                    text += segment("NTE", [1: bytes("1"), 3: bytes("note")])
                }
                let status = Bool.random(using: &random) ? bytes("F") : []
                text += segment(
                    "OBX",
                    [
                        1: bytes("\(index + 1)"), 2: bytes(types[(number + index) % 3]), 3: bytes("R"),
                        5: try escapes.encode(line, at: "test"), 11: status,
                    ])
            }
        }
        let picture = segment("OBX", [2: bytes("ED"), 5: bytes("JVBERi0=")])
        var before = [segment("PID", [3: bytes("P\(number)")])]
        if Bool.random(using: &random) { before.append(segment("PV1", [2: bytes("O")])) }
        if Bool.random(using: &random) { before.append(segment("ORC", [1: bytes("RE"), 3: bytes("AB\(number)")])) }
        let after = [segment("ZDS", [1: bytes("1.2.3")]), picture, segment("OBX", [2: bytes("NM"), 5: bytes("4")])]
            .shuffled(using: &random)
        let body = before.flatMap { $0 } + order + text + after[0] + (Bool.random(using: &random) ? after[1] : [])
        return GeneratedMessage(
            bytes: header + body, text: lines.joined(separator: "\n"), control: control, lineEnd: lineEnd)
    }

    @Test("1,600 messages in 640 files: the text that went in comes out, byte for byte")
    func textOutIsTextIn() throws {
        var random = SeededGenerator(state: 2026)
        let reader = ORUReader(settings: syntheticSettings(), keys: testKeys)
        var total = 0
        for round in 0..<640 {
            let messages = try (0..<(1 + round % 4)).map { try message(round * 10 + $0, &random) }
            var bytes = round % 3 == 0 ? Array("FHS|^~\\&\rBHS|^~\\&\r".utf8) : []
            for message in messages { bytes += round % 5 == 0 ? MLLPDecoder.frame(message.bytes) : message.bytes }
            if round % 3 == 0 {
                // The trailer's separator is that of the last header, as a sender would write it.
                let field = messages[messages.count - 1].bytes[3]
                for (name, count) in [("BTS", messages.count), ("FTS", 1)] {
                    bytes += Array(name.utf8)
                    bytes.append(field)
                    bytes += Array("\(count)\r".utf8)
                }
            }
            let file = try HL7File(parsing: bytes, named: "generated")
            #expect(file.batchProblems.isEmpty, "round \(round)")
            #expect(file.quarantined.isEmpty, "round \(round): \(file.quarantined.map(\.refusal.description))")
            guard file.messages.count == messages.count else {
                Issue.record("round \(round): \(file.messages.count) of \(messages.count) messages")
                continue
            }
            for (read, made) in zip(file.messages, messages) {
                let versions = try reader.read(read.message, at: "generated").versions
                #expect(read.message.controlID == made.control)
                #expect(versions.count == 1)
                #expect(sameText(versions.first?.sourceText ?? "", made.text), "round \(round)")
                #expect(versions.first?.unknownEscapes == 0)
                total += 1
            }
        }
        #expect(total == 1600)
    }

    @Test("cleaning keeps every word of generated text, in order")
    func cleaningKeepsWords() throws {
        var random = SeededGenerator(state: 77)
        let words = [
            "lungs", "Clear", "heart", "The", "no", "of", "size.", "Normal", "3.5", "cm", "mass,", "in", "It", "was",
            "(see", "below)",
        ]
        for _ in 0..<1000 {
            let lines = (0..<Int.random(in: 1...12, using: &random)).map { _ in
                (0..<Int.random(in: 0...14, using: &random)).compactMap { _ in words.randomElement(using: &random) }
                    .joined(separator: " ")
            }
            let text = lines.joined(separator: "\n")
            let report = ReportNormalizer().normalize([TextBlock(section: nil, text: text)])
            #expect(ByteText.words((report.text(of: .other) ?? "").utf8) == ByteText.words(text.utf8))
        }
    }

    @Test("4,000 single damages to a message: no trap, and both neighbours are read unchanged")
    func damagedNeighbour() throws {
        var random = SeededGenerator(state: 4000)
        for round in 0..<4000 {
            let isFeeds = round % 4 == 3
            let parts = (1...3).map { number -> [UInt8] in
                let text = syntheticMessage(
                    control: "CTRL000\(number)", accession: "ACC7000\(number)",
                    lines: ["FINDINGS: Clear \(number).", "", "IMPRESSION: Normal."])
                return text.utf8.map { isFeeds && $0 == 0x0D ? 0x0A : $0 }
            }
            var damaged = parts[1]
            let place = Int.random(in: 0..<(round % 2 == 0 ? damaged.count : 24), using: &random)
            let byte =
                round % 3 == 0
                ? [0x0D, 0x0A, 0x0B, 0x1C, 0x7C, 0x00, 0x5C, 0x4D][Int.random(in: 0..<8, using: &random)]
                : UInt8.random(in: .min ... .max, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: damaged[place] = byte
            case 1: damaged.insert(byte, at: place)
            default: damaged.remove(at: place)
            }
            let file = try HL7File(parsing: parts[0] + damaged + parts[2], named: "x")
            let wanted = try [parts[0], parts[2]].map { try HL7Message(parsing: $0, named: "x").segments }
            for segments in wanted {
                #expect(
                    file.messages.contains { $0.message.segments == segments },
                    "round \(round), byte \(byte) at \(place)")
            }
            for (_, message) in file.messages {
                _ = try? ORUReader(settings: syntheticSettings(), keys: testKeys).read(message, at: "x")
            }
        }
    }

    @Test("heavy damage, and truncation at every byte, never trap")
    func heavyDamage() throws {
        var random = SeededGenerator(state: 99)
        let whole = Array(syntheticMessage(lines: ["FINDINGS: \\T\\ \\X41\\ clear~IMPRESSION: Normal\\.br\\"]).utf8)
        for length in 0...whole.count { _ = try? HL7File(parsing: Array(whole[..<length]), named: "x") }
        for _ in 0..<2000 {
            var bytes = whole + whole
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] = UInt8.random(in: .min ... .max, using: &random)
            }
            guard let file = try? HL7File(parsing: bytes, named: "x") else { continue }
            for (_, message) in file.messages {
                if let read = try? ORUReader(settings: syntheticSettings(), keys: testKeys).read(message, at: "x") {
                    _ = Harvest(read.versions, isCleared: { _ in true })
                }
                _ = HL7Acknowledgement(to: message, .error, controlID: "A", time: ReportTime(milliseconds: 0))
            }
            var decoder = MLLPDecoder(limit: 200)
            _ = decoder.append(bytes)
            _ = decoder.finish()
        }
    }
}
