import Foundation

/// The conventions that come with the program.
enum URLOfConventions {
    static let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Preferences/conventions/house-style.yaml").path
}
