import Markup
import Testing

@Suite("Numbers as pages print them")
struct NumberTextTests {
    @Test("at most three decimals, a true minus sign, no minus zero")
    func fixed() {
        #expect(NumberText.fixed(0.61) == "0.610" && NumberText.fixed(-0.0851) == "\u{2212}0.085")
        #expect(NumberText.fixed(-0.0004) == "0.000" && NumberText.fixed(1.9996) == "2.000")
        #expect(NumberText.fixed(6.5, decimals: 0) == "7" && NumberText.fixed(.nan) == "not finite")
        #expect(NumberText.signed(0.2, decimals: 1) == "+0.2" && NumberText.signed(0) == "0.000")
        #expect(NumberText.p(0.00073) == "< 0.001" && NumberText.p(0.048) == "0.048")
        #expect(NumberText.whole(98_362_432) == "98\u{202F}362\u{202F}432" && NumberText.whole(-1234) == "\u{2212}1234")
        #expect(NumberText.share(84, of: 93) == "84 of 93 (0.90)" && NumberText.share(0, of: 0) == "none to state")
        #expect(NumberText.level(0.95) == "95\u{A0}%" && NumberText.level(0.975) == "97.5\u{A0}%")
    }

    @Test("durations and bytes in the unit that fits")
    func units() {
        #expect(
            NumberText.duration(seconds: 0.42) == "0.4\u{A0}s"
                && NumberText.duration(seconds: 222) == "3\u{A0}min 42\u{A0}s")
        #expect(NumberText.duration(seconds: 7320) == "2\u{A0}h 2\u{A0}min")
        #expect(NumberText.bytes(98_362_432) == "94\u{A0}MiB" && NumberText.bytes(2_040_109_466) == "1.9\u{A0}GiB")
    }
}
