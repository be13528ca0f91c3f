/// A small reader of the HTML that we write: balanced elements, quoted attributes, no stray `<` or `&`.
public struct MarkupChecker {
    /// Every element with the names of its attributes, in order: the page without its texts and values.
    public private(set) var skeleton: [String] = []
    /// Every attribute's value by name, in order.
    public private(set) var attributes: [(element: String, name: String, value: String)] = []
    /// What is wrong, in words; empty for well-formed markup.
    public private(set) var faults: [String] = []

    private static let void: Set<String> = ["br", "hr", "img", "input", "link", "meta"]

    /// Reads a document.
    public init(_ markup: String) {
        let bytes = Array(markup.utf8)
        var open: [String] = []
        var index = 0
        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        if markup.hasPrefix("<!DOCTYPE html>\n") { index = 16 } else { faults.append("no doctype") }
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "<") else {
                if bytes[index] == UInt8(ascii: ">") { faults.append("stray > at \(index)") }
                if bytes[index] == UInt8(ascii: "&"), !Self.isReference(bytes[index...]) {
                    faults.append("stray & at \(index)")
                }
                if bytes[index] < 0x20, bytes[index] != 10, bytes[index] != 9 {
                    faults.append("control byte at \(index)")
                }
                index += 1
                continue
            }
            guard let end = bytes[index...].firstIndex(of: UInt8(ascii: ">")) else {
                faults.append("an element does not end at \(index)")
                return
            }
            let inside = text(index + 1..<end)
            index = end + 1
            if inside.hasPrefix("/") {
                let name = String(inside.dropFirst())
                if open.last == name {
                    open.removeLast()
                } else {
                    faults.append("</\(name)> closes <\(open.last ?? "")>")
                }
                continue
            }
            let name = String(inside.prefix { $0 != " " })
            let names = readAttributes(String(inside.dropFirst(name.count)), of: name)
            skeleton.append(([name] + names).joined(separator: " "))
            if name == "style" {
                while index < bytes.count, !bytes[index...].starts(with: "</style>".utf8) { index += 1 }
            }
            if !Self.void.contains(name) { open.append(name) }
        }
        if !open.isEmpty { faults.append("left open: \(open)") }
    }

    private mutating func readAttributes(_ source: String, of element: String) -> [String] {
        var names: [String] = []
        let bytes = Array(source.utf8)
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: " "), let equals = bytes[index...].firstIndex(of: UInt8(ascii: "=")),
                equals + 1 < bytes.count, bytes[equals + 1] == UInt8(ascii: "\""),
                let close = bytes[(equals + 2)...].firstIndex(of: UInt8(ascii: "\""))
            else {
                faults.append("attributes of <\(element)>")
                return names
            }
            let name = String(decoding: bytes[index + 1..<equals], as: UTF8.self)
            let allowed = "abcdefghijklmnopqrstuvwxyz-B0123456789".utf8
            if name.isEmpty || !name.utf8.allSatisfy({ allowed.contains($0) }) {
                faults.append("attribute name \(name)")
            }
            if names.contains(name) { faults.append("\(name) of <\(element)> twice") }
            names.append(name)
            attributes.append((element, name, String(decoding: bytes[equals + 2..<close], as: UTF8.self)))
            index = close + 1
        }
        return names
    }

    private static func isReference(_ bytes: ArraySlice<UInt8>) -> Bool {
        ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&#13;"].contains { bytes.starts(with: $0.utf8) }
    }
}
