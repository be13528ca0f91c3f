import Testing

@testable import Workflow

@Suite("Progress lines")
struct ProgressMeterTests {
    private func progress(_ done: Int, _ label: String = "Training", detail: String = "") -> StageProgress {
        StageProgress(label, done: done, total: 200, unit: "pairs", detail: detail)
    }

    @Test("a bar shows the share done, the rate and the time left")
    func bar() {
        var meter = ProgressMeter(style: .bar(columns: 100))
        #expect(
            meter.line(for: progress(0), atSeconds: 0)
                == "Training  [\(String(repeating: ".", count: 30))]  0/200 pairs")
        #expect(meter.line(for: progress(1), atSeconds: 0.05) == nil)
        #expect(
            meter.line(for: progress(50, detail: "loss 0.51"), atSeconds: 5)
                == "Training  [#######.......................]  50/200 pairs  10.0 pairs/s  0:15 left  loss 0.51")
        #expect(
            meter.line(for: progress(200), atSeconds: 20)
                == "Training  [##############################]  200/200 pairs  10.0 pairs/s  in 0:20")
        #expect(meter.line(for: progress(200), atSeconds: 21) == nil)
    }

    @Test("a bar never runs over the terminal's width")
    func narrow() {
        var meter = ProgressMeter(style: .bar(columns: 40))
        _ = meter.line(for: progress(0), atSeconds: 0)
        let line = meter.line(for: progress(100, detail: "a long detail that does not fit"), atSeconds: 1)
        #expect((line ?? "").count < 40)
    }

    @Test("plain lines come every so many seconds and once at the end")
    func plain() {
        var meter = ProgressMeter(style: .lines(everySeconds: 5))
        #expect(meter.line(for: progress(0), atSeconds: 0) == nil)
        #expect(meter.line(for: progress(10), atSeconds: 4.9) == nil)
        #expect(meter.line(for: progress(20), atSeconds: 5) == "Training: 20/200 pairs  4.00 pairs/s  0:45 left")
        #expect(meter.line(for: progress(21), atSeconds: 6) == nil)
        #expect(meter.line(for: progress(200), atSeconds: 6.5) == "Training: 200/200 pairs  30.8 pairs/s  in 0:07")
    }

    @Test("after a resume the rate counts only what this run did")
    func resumed() {
        var meter = ProgressMeter(style: .lines(everySeconds: 5))
        _ = meter.line(for: progress(100), atSeconds: 0)
        #expect(meter.line(for: progress(110), atSeconds: 10) == "Training: 110/200 pairs  1.00 pairs/s  1:30 left")
    }

    @Test("a new step starts a new clock")
    func steps() {
        var meter = ProgressMeter(style: .lines(everySeconds: 5))
        _ = meter.line(for: progress(200), atSeconds: 100)
        #expect(meter.line(for: progress(0, "Scoring"), atSeconds: 101) == nil)
        #expect(
            meter.line(for: progress(20, "Scoring"), atSeconds: 111) == "Scoring: 20/200 pairs  2.00 pairs/s  1:30 left"
        )
    }

    @Test("sizes and times read as people write them")
    func words() {
        #expect(ProgressMeter.duration(3729) == "1:02:09")
        #expect(ProgressMeter.duration(.infinity) == "0:00")
        #expect(ProcessFacts.sizeText(98_362_432) == "93.8 MiB")
        #expect(ProcessFacts.sizeText(3 << 30) == "3.0 GiB")
        #expect(ProcessFacts.sizeText(999) == "999 bytes")
    }

    @Test("a figure has four decimals at most, and what rounds to nothing has no sign")
    func figures() {
        #expect(ProgressMeter.short(0.693147) == "0.6931" && ProgressMeter.short(-0.25) == "-0.25")
        #expect(ProgressMeter.short(-0.00001) == "0.0" && ProgressMeter.short(-0.0) == "0.0")
    }

    @Test("this process and machine have memory")
    func memory() throws {
        #expect(try #require(ProcessFacts.peakMemoryBytes) > 1 << 20)
        #expect(try #require(ProcessFacts.machineMemoryBytes) > 1 << 26)
    }
}
