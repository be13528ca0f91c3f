import Foundation
import Preferences

/// All sizes that were measured, the machine, and what was aimed at.
struct StoreResults: Codable {
    let machine: String
    let sqlite: String
    /// How many programs wanted to run over the last minute, and over 15, when the measuring ended.
    let load: String
    let stores: [StoreMeasurement]

    init(_ stores: [StoreMeasurement]) {
        self.stores = stores
        sqlite = PreferenceStore.sqliteVersion
        let facts = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = facts.split(separator: "\n").first { $0.hasPrefix("model name") }
        let name = model?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
        let averages = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? "? ? ?"
        let words = averages.split(separator: " ")
        load = "\(words.first ?? "?") and \(words.count > 2 ? words[2] : "?")"
        machine = "\(name), \(ProcessInfo.processInfo.activeProcessorCount) cores"
    }

    /// The results as JSON, keys sorted.
    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return try encoder.encode(self) + Data("\n".utf8)
    }

    /// The results as Markdown.
    var markdown: String {
        var text = """
            # Store results

            Written by `swift run -c release StoreBenchmark` in `Benchmarks/Store`. Machine: \(machine). SQLite \
            \(sqlite). All text is synthetic. Import and snapshot are medians of five, each import into a \
            new store, each snapshot divided in another way; a million and more, and everything else, is measured once. The load over the last \
            minute and over 15 was \(load) at its end, and with more than the cores' number the processor times are \
            what counts.

            | pairs | text, MiB | import, s | fastest to slowest, s | its processor time, s | pairs/s | last file, pairs/s | size / text | snapshot, s | fastest to slowest, s | its processor time, s | \
            check, s | backup, s | queue filled, s | peak, MiB |
            | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |

            """
        for one in stores {
            let cells = [
                String(one.pairs), fixed(Double(one.textBytes) / 1_048_576, 1), fixed(one.importSeconds, 2),
                fixed(one.allImportSeconds.first ?? 0, 2) + " to " + fixed(one.allImportSeconds.last ?? 0, 2),
                fixed(one.importProcessorSeconds, 2),
                fixed(one.pairsPerSecond, 0), fixed(one.lastFilePairsPerSecond, 0), fixed(one.sizeOverText, 2),
                fixed(one.snapshotSeconds, 2),
                fixed(one.allSnapshotSeconds.first ?? 0, 2) + " to " + fixed(one.allSnapshotSeconds.last ?? 0, 2),
                fixed(one.snapshotProcessorSeconds, 2), fixed(one.checkSeconds, 2),
                fixed(one.backupSeconds, 2),
                fixed(one.queueSeconds, 2), fixed(one.peakMebibytes, 0),
            ]
            text += "| " + cells.joined(separator: " | ") + " |\n"
        }
        text += """

            Waiting of a reader in milliseconds, median / 99th percentile, each with its commit to the disk; `commit` is a \
            change of one row, the floor that the disk sets.

            | pairs in the queue | commit | next pair | answer kept |
            | ---: | ---: | ---: | ---: |

            """
        for one in stores {
            let spreads = [one.commit, one.nextPair, one.answerKept].map {
                "\(fixed($0.median, 2)) / \(fixed($0.p99, 2))"
            }
            text += "| \(one.pairs) | " + spreads.joined(separator: " | ") + " |\n"
        }
        return text + targets
    }

    /// What was aimed at for 100,000 pairs, with what was reached.
    private var targets: String {
        guard let one = stores.first(where: { $0.pairs == 100_000 }) else { return "" }
        func line(_ name: String, _ reached: String, _ isMet: Bool) -> String {
            "| \(name) | \(reached) | \(isMet ? "met" : "not met") |\n"
        }
        return """

            | aim for 100,000 pairs | reached | |
            | --- | ---: | --- |

            """
                + line("import at 20,000 pairs a second", fixed(one.pairsPerSecond, 0), one.pairsPerSecond >= 20_000)
                + line("snapshot under 10 s", fixed(one.snapshotSeconds, 2) + " s", one.snapshotSeconds < 10)
                + line(
                    "next pair under 5 ms, 99th percentile", fixed(one.nextPair.p99, 2) + " ms", one.nextPair.p99 < 5)
                + line("file under 1.5 times the text", fixed(one.sizeOverText, 2), one.sizeOverText < 1.5)
    }

    private func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
