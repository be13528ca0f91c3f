internal import Diagnostics

extension JSONParser {
    /// A refusal at a byte offset of this document.
    func refusal(_ code: String, at offset: Int, _ problem: String, mend remedy: String) -> Refusal {
        Refusal(code: code, at: "\(name):\(place(offset))", problem, mend: remedy)
    }

    /// The line and column of a byte offset.
    func place(_ offset: Int) -> JSONPosition {
        JSONPosition(of: offset, in: bytes, firstLine: firstLine)
    }

    func endsInside(_ kind: String, openedAt start: Int) -> Refusal {
        refusal(
            "json.truncated", at: position, "the document ends inside the \(kind) that begins at \(place(start))",
            mend: "complete it")
    }

    func notUTF8(at offset: Int) -> Refusal {
        refusal(
            "json.encoding", at: offset,
            "byte 0x\(String(bytes[offset], radix: 16)) at byte offset \(offset) is not part of UTF-8 text",
            mend: "save the file as UTF-8")
    }

    /// Refuses byte order marks and UTF-16, which begin with bytes that no JSON text in UTF-8 begins with.
    func refuseOtherEncodings() throws(Refusal) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw refusal(
                "json.encoding", at: 0, "a byte order mark; JSON begins with the value",
                mend: "save the file as UTF-8 without a byte order mark")
        }
        let first = bytes.prefix(2)
        guard first.elementsEqual([0xFF, 0xFE]) || first.elementsEqual([0xFE, 0xFF]) || first.contains(0) else {
            return
        }
        throw refusal(
            "json.encoding", at: 0, "the bytes look like UTF-16 or UTF-32; JSON is UTF-8",
            mend: "save the file as UTF-8")
    }

    /// What stands at an offset, in words that quote nothing but punctuation and well-known words.
    func describe(_ offset: Int) -> String {
        guard offset < bytes.count else { return "the end of the document" }
        let byte = bytes[offset]
        switch byte {
        case UInt8(ascii: "'"): return "a single quotation mark"
        case UInt8(ascii: "/"), UInt8(ascii: "#"): return "what looks like a comment (JSON has none)"
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return "a digit"
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
            let end = bytes[offset...].firstIndex { !Self.isWordByte($0) } ?? bytes.count
            let word = bytes[offset..<end]
            let known = ["NaN", "Infinity", "None", "True", "False", "TRUE", "FALSE", "NULL", "undefined"]
            return known.first { word.elementsEqual($0.utf8) } ?? "a word that is not JSON"
        case 0x21...0x7E: return "\"\(String(decoding: [byte], as: UTF8.self))\""
        case 0x00...0x20, 0x7F: return "control character 0x\(String(byte, radix: 16))"
        default:
            return Self.wellFormedLength(in: bytes, at: offset) > 0 ? "a non-ASCII character" : "a byte not in UTF-8"
        }
    }

    static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// A key in quotation marks when it looks like a field's name, else words for it.
    ///
    /// A field's name begins with a small letter or an underscore, is ASCII, has at most 64 bytes, and holds digits only
    /// beside an underscore or a full stop: a record number or a person's name used as a key is not repeated.
    static func quotable(_ key: String) -> String {
        let bytes = Array(key.utf8)
        let separators = [UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "/")]
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let first = bytes.first, bytes.count <= 64,
            first == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first),
            bytes.allSatisfy({ isWordByte($0) || separators.contains($0) }),
            !bytes.contains(where: digits.contains) || bytes.contains(UInt8(ascii: "_"))
                || bytes.contains(UInt8(ascii: "."))
        else { return "a key of \(bytes.count) bytes" }
        return "\"\(key)\""
    }
}

/// Where the keys of one object stand, told apart as bytes.
struct KeyPlaces {
    private var few: [(key: String, place: Int)] = []
    private var many: [TextKey: Int] = [:]

    /// The place where the key stood before, or nil after noting that it stands at the given place.
    mutating func place(of key: String, else place: Int) -> Int? {
        if many.isEmpty {
            for index in few.indices where few[index].key.sameBytes(as: key) { return few[index].place }
            few.append((key, place))
            if few.count > 16 {
                for (key, place) in few { many[TextKey(key)] = place }
            }
            return nil
        }
        if let earlier = many[TextKey(key)] { return earlier }
        many[TextKey(key)] = place
        return nil
    }
}
