/// A file that the pages ask for; it is in the program itself, so that there is no folder to install or to lose.
public struct ReviewAsset: Sendable {
    /// Where it is served.
    public let path: String
    /// What it is.
    public let contentType: String
    /// The file.
    public let bytes: [UInt8]
    /// A short digest of the bytes: the address that the pages write ends in it, so that it may be kept for long.
    ///
    /// FNV-1a of 64 bits, in 16 hexadecimal digits; it tells versions apart and protects against nothing.
    public let version: String

    init(path: String, contentType: String, bytes: [UInt8]) {
        self.path = path
        self.contentType = contentType
        self.bytes = bytes
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let digits = String(hash, radix: 16)
        version = String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// The address that pages write.
    var address: String { "\(path)?v=\(version)" }

    /// The style sheet.
    public static let style = ReviewAsset(
        path: "/assets/review.css", contentType: "text/css; charset=utf-8",
        bytes: PackageResources.tokens_css + PackageResources.parts_css + PackageResources.work_css)

    /// The script: one file, written in parts that are joined in this order.
    public static let script = ReviewAsset(
        path: "/assets/review.js", contentType: "text/javascript; charset=utf-8",
        bytes: PackageResources.settings_js + PackageResources.elements_js + PackageResources.texts_js
            + PackageResources.rendering_js
            + PackageResources.clock_js + PackageResources.connection_js + PackageResources.keys_js
            + PackageResources.dock_js + PackageResources.judge_js + PackageResources.marking_js
            + PackageResources.answers_js + PackageResources.correct_js
            + PackageResources.adjudicate_js + PackageResources.start_js)

    /// The picture beside the page's title.
    public static let icon = ReviewAsset(
        path: "/assets/icon.svg", contentType: "image/svg+xml", bytes: PackageResources.icon_svg)

    /// All of them.
    public static let all = [style, script, icon]
}
