/// HTML that can only be built of escaped text and of elements whose names stand in the source.
///
/// A string becomes HTML by being escaped, byte by byte: `"` followed by a combining mark is one `Character`, and an
/// escaper that looks at characters lets it through. Names of elements and attributes are `StaticString`s, so that no
/// data can become one.
public struct HTMLText: Sendable, Equatable {
    /// The markup in UTF-8.
    public private(set) var bytes: [UInt8] = []

    /// Makes empty HTML.
    public init() {}

    /// Escapes a text; it stands as it is, in an element or in an attribute's quotes.
    public init(_ text: String) {
        append(text)
    }

    /// The markup.
    public var markup: String { String(decoding: bytes, as: UTF8.self) }

    /// Whether there is nothing.
    public var isEmpty: Bool { bytes.isEmpty }

    /// Adds HTML.
    public mutating func append(_ other: HTMLText) {
        bytes += other.bytes
    }

    /// Adds a text, escaped.
    public mutating func append(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): bytes += "&amp;".utf8
            case UInt8(ascii: "<"): bytes += "&lt;".utf8
            case UInt8(ascii: ">"): bytes += "&gt;".utf8
            case UInt8(ascii: "\""): bytes += "&quot;".utf8
            case UInt8(ascii: "'"): bytes += "&#39;".utf8
            case UInt8(ascii: "\r"): bytes += "&#13;".utf8
            case UInt8(ascii: "\t"), UInt8(ascii: "\n"): bytes.append(byte)
            // HTML allows no other control character, not even as a reference.
            case 0..<0x20, 0x7F: bytes += "\u{FFFD}".utf8
            default: bytes.append(byte)
            }
        }
    }

    /// Two pieces, one after the other.
    public static func + (a: HTMLText, b: HTMLText) -> HTMLText {
        var result = a
        result.append(b)
        return result
    }

    /// An element with attributes and content; attributes whose value is empty are left out.
    public static func element(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], _ content: [HTMLText] = []
    ) -> HTMLText {
        let name = name.description
        var result = HTMLText()
        result.bytes += "<\(name)".utf8
        for (attribute, value) in attributes where !value.isEmpty {
            result.bytes += " \(attribute.description)=\"".utf8
            result.append(value)
            result.bytes.append(UInt8(ascii: "\""))
        }
        result.bytes.append(UInt8(ascii: ">"))
        // A parser drops one line feed here; without it the text's own first one would go.
        if verbatimElements.contains(name) { result.bytes.append(UInt8(ascii: "\n")) }
        if !voidElements.contains(name) {
            for part in content { result.append(part) }
            result.bytes += "</\(name)>".utf8
        }
        if !inlineElements.contains(name) { result.bytes.append(UInt8(ascii: "\n")) }
        return result
    }

    /// A whole document around the content of its `html` element.
    public static func document(language: String, _ content: [HTMLText]) -> HTMLText {
        var result = HTMLText()
        result.bytes += "<!DOCTYPE html>\n".utf8
        result.append(element("html", ["lang": language], content))
        return result
    }

    /// A style sheet that stands in the source, as it is.
    public static func style(_ sheet: StaticString) -> HTMLText {
        var result = HTMLText()
        result.bytes += "<style>\n\(sheet.description)</style>\n".utf8
        return result
    }

    private static let voidElements: Set<String> = ["br", "hr", "img", "input", "link", "meta"]
    private static let verbatimElements: Set<String> = ["pre", "textarea"]
    private static let inlineElements: Set<String> = [
        "a", "abbr", "b", "bdi", "br", "code", "em", "i", "kbd", "small", "span", "strong", "time", "tspan",
    ]
}

extension HTMLText: ExpressibleByStringInterpolation {
    /// Escapes a literal.
    public init(stringLiteral value: String) {
        self.init(value)
    }

    /// Takes what an interpolated literal has gathered.
    public init(stringInterpolation: StringInterpolation) {
        self = stringInterpolation.html
    }

    /// Escapes the texts of an interpolated literal and keeps its HTML.
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var html = HTMLText()

        /// Starts an empty text.
        public init(literalCapacity: Int, interpolationCount: Int) {}

        /// Adds a literal, escaped.
        public mutating func appendLiteral(_ literal: String) { html.append(literal) }
        /// Adds a text, escaped.
        public mutating func appendInterpolation(_ text: String) { html.append(text) }
        /// Adds HTML as it is.
        public mutating func appendInterpolation(_ other: HTMLText) { html.append(other) }
        /// Adds a whole number.
        public mutating func appendInterpolation(_ number: Int) { html.append(NumberText.whole(number)) }
    }
}

/// An element of parts: the short form of ``HTMLText/element(_:_:_:)``.
public func tag(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], _ content: HTMLText...
) -> HTMLText {
    .element(name, attributes, content)
}

/// A text from the data: its direction is kept from its surroundings.
public func data(_ text: String) -> HTMLText { tag("bdi", [:], HTMLText(text)) }
