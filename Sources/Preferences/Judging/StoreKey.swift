internal import Diagnostics
internal import StrictJSON

/// The rule for keys and short names that callers give: 1 to 256 bytes, something to see, nothing hidden.
enum StoreKey {
    static func check(_ key: String, _ field: String) throws(Refusal) {
        guard !key.isBlank, key.utf8.count <= 256 else {
            throw Refusal(
                code: "store.bad-key", at: field,
                "\(key.utf8.count) bytes\(key.isBlank ? ", none of them visible" : ""); 1 to 256 bytes are allowed",
                mend: "give another")
        }
        let hidden = key.unicodeScalars.first(where: \.isHidden)
        if let hidden {
            throw Refusal(
                code: "store.bad-key", at: field,
                "it holds the invisible character U+\(String(hidden.value, radix: 16, uppercase: true))",
                mend: "remove it")
        }
    }

    static func check(optional key: String?, _ field: String) throws(Refusal) {
        if let key { try check(key, field) }
    }

    /// Free text: anything but NUL, at most 64 KiB.
    static func check(text: String?, _ field: String) throws(Refusal) {
        guard let text else { return }
        guard text.utf8.count <= 65_536, !text.holdsNUL else {
            throw Refusal(
                code: "store.bad-text", at: field, "\(text.utf8.count) bytes; at most 65536 without NUL are kept",
                mend: "shorten it")
        }
    }
}
