/// The text of HTML or XHTML, read by a small allow-list: no entity is expanded but characters, nothing is loaded.
///
/// Elements that carry a narrative's text (FHIR R4 narrative, txt-1) are read; `script`, `style` and other elements
/// that hold no text for reading are dropped with all that is in them; of every other element the tags are dropped and
/// the text stays. A `<` that begins no tag is text.
enum MarkupText {
    /// The text, and how many elements were dropped with their content or as unknown.
    struct Reading: Equatable {
        var text: String
        var dropped: Int
        var unknown: Int
    }

    private static let inline: Set<String> = [
        "a", "abbr", "acronym", "b", "bdo", "big", "cite", "code", "col", "colgroup", "dfn", "em", "font", "html",
        "body",
        "i", "img", "ins", "kbd", "label", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "td", "th", "tt",
        "u",
        "var",
    ]
    private static let block: Set<String> = [
        "address", "article", "blockquote", "br", "caption", "center", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4",
        "h5", "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul",
    ]
    private static let droppedWhole: Set<String> = [
        "applet", "audio", "canvas", "embed", "head", "iframe", "math", "noscript", "object", "script", "style", "svg",
        "template", "textarea", "title", "video",
    ]
    private static let entities: [String: String] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "deg": "°", "plusmn": "±",
        "micro": "µ",
        "times": "×", "middot": "·", "ndash": "–", "mdash": "—", "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”",
        "hellip": "…", "bull": "•", "le": "≤", "ge": "≥", "frac12": "½",
    ]

    static func read(_ markup: String) -> Reading {
        let bytes = Array(markup.utf8)
        var output: [UInt8] = []
        var reading = Reading(text: "", dropped: 0, unknown: 0)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x3C, let end = skipped(bytes, index) {
                index = end
            } else if byte == 0x3C, let tag = tag(bytes, index) {
                index = tag.end
                if droppedWhole.contains(tag.name) {
                    if !tag.isClosing {
                        reading.dropped += 1
                        if !tag.isEmpty { index = contentEnd(of: tag.name, bytes, from: index) }
                    }
                } else if block.contains(tag.name) {
                    breakLine(&output)
                } else if tag.name == "td" || tag.name == "th" {
                    if let last = output.last, !ByteText.isSpace(last) { output.append(0x20) }
                } else if !inline.contains(tag.name), !tag.isClosing {
                    reading.unknown += 1
                }
            } else if byte == 0x26, let (character, end) = entity(bytes, index) {
                output += character
                index = end
            } else {
                // Line ends and runs of white space mean a space in markup.
                if ByteText.isSpace(byte) {
                    if let last = output.last, !ByteText.isSpace(last) { output.append(0x20) }
                } else {
                    output.append(byte)
                }
                index += 1
            }
        }
        reading.text = ByteText.string(ByteText.trimmed(output))
        return reading
    }

    private static func breakLine(_ output: inout [UInt8]) {
        while output.last == 0x20 { output.removeLast() }
        guard !output.isEmpty else { return }
        if output.last != 0x0A { output.append(0x0A) }
    }

    /// The end of a comment, a declaration, a processing instruction or a CDATA mark that begins here, else nil.
    private static func skipped(_ bytes: [UInt8], _ index: Int) -> Int? {
        let rest = bytes[index...]
        if rest.starts(with: "<!--".utf8) { return end(of: "-->", bytes, from: index + 4) }
        if rest.starts(with: "<![CDATA[".utf8) { return index + 9 }
        if rest.starts(with: "<!".utf8) || rest.starts(with: "<?".utf8) {
            // A document type may hold declarations in brackets; none of them is read.
            var depth = 0
            for place in rest.indices.dropFirst() {
                switch bytes[place] {
                case 0x5B: depth += 1
                case 0x5D: depth -= 1
                case 0x3E where depth <= 0: return place + 1
                default: break
                }
            }
            return bytes.count
        }
        return nil
    }

    private static func end(of mark: String, _ bytes: [UInt8], from start: Int) -> Int {
        let wanted = Array(mark.utf8)
        var index = start
        while index + wanted.count <= bytes.count {
            if bytes[index] == wanted[0], bytes[index...].starts(with: wanted) { return index + wanted.count }
            index += 1
        }
        return bytes.count
    }

    private struct Tag {
        var name: String
        var isClosing: Bool
        var isEmpty: Bool
        var end: Int
    }

    /// The tag that begins here; nil when the `<` is text.
    private static func tag(_ bytes: [UInt8], _ index: Int) -> Tag? {
        var place = index + 1
        let isClosing = place < bytes.count && bytes[place] == 0x2F
        if isClosing { place += 1 }
        let nameStart = place
        while place < bytes.count, bytes[place] < 0x80, ByteText.isWord(bytes[place]) || bytes[place] == 0x3A {
            place += 1
        }
        guard place > nameStart, !ByteText.isDigit(bytes[nameStart]), place < bytes.count else { return nil }
        let name = ByteText.string(ByteText.lowered(bytes[nameStart..<place]))
        guard bytes[place] == 0x3E || bytes[place] == 0x2F || ByteText.isSpace(bytes[place]) else { return nil }
        var quote: UInt8?
        while place < bytes.count {
            let byte = bytes[place]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == 0x22 || byte == 0x27 {
                quote = byte
            } else if byte == 0x3E {
                return Tag(name: name, isClosing: isClosing, isEmpty: bytes[place - 1] == 0x2F, end: place + 1)
            } else if byte == 0x3C {
                return nil
            }
            place += 1
        }
        return nil
    }

    /// Just before the closing tag of an element that is dropped whole; the end when it is never closed.
    private static func contentEnd(of name: String, _ bytes: [UInt8], from start: Int) -> Int {
        var index = start
        while index < bytes.count {
            if bytes[index] == 0x3C, let tag = tag(bytes, index), tag.isClosing, tag.name == name { return tag.end }
            index += 1
        }
        return bytes.count
    }

    private static func entity(_ bytes: [UInt8], _ index: Int) -> ([UInt8], Int)? {
        let name = bytes[(index + 1)...].prefix(10).prefix { $0 != 0x3B }
        guard !name.isEmpty, name.endIndex < bytes.count, bytes[name.endIndex] == 0x3B else { return nil }
        let text = ByteText.string(name)
        if let known = entities[text] { return (Array(known.utf8), name.endIndex + 1) }
        guard text.utf8.first == 0x23 else { return nil }
        let digits = text.dropFirst()
        let value = digits.first == "x" || digits.first == "X" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        guard let value, value == 0x0A || value == 0x09 || value >= 0x20, let scalar = Unicode.Scalar(value) else {
            return nil
        }
        return (Array(String(Character(scalar)).utf8), name.endIndex + 1)
    }
}
