import Testing

@testable import ReviewPages

@Suite("Assets")
struct AssetTests {
    @Test("the three assets are in the program, each at its own address")
    func present() {
        #expect(Set(ReviewAsset.all.map(\.path)).count == 3)
        for asset in ReviewAsset.all { #expect(!asset.bytes.isEmpty && asset.version.utf8.count == 16) }
    }
}
