// Drives a store the way a department does, printing each record only after the store has acknowledged it: what the
// crash tests kill at any moment and then look for. Not a product.
//
//   StoreCrashProbe STORE import FILE...     imports files, printing "import <pairs> <file>"
//   StoreCrashProbe STORE judge READER       judges until nothing is left, printing "judge <presentation> <revision>"
//   StoreCrashProbe STORE snapshot [SEED [COUNT]]  freezes snapshots, printing "snapshot <digest>"
//   StoreCrashProbe STORE hold SECONDS       keeps the store open, printing "held"
import Diagnostics
import Foundation
import Preferences

/// Prints a line at once, past any buffer.
func acknowledge(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}

let arguments = CommandLine.arguments
guard arguments.count >= 3 else {
    FileHandle.standardError.write(Data("usage: StoreCrashProbe STORE import|judge|snapshot|hold ...\n".utf8))
    exit(64)
}
do throws(Refusal) {
    let store = try PreferenceStore(at: arguments[1], actor: "probe", lockPatienceSeconds: 0)
    let rest = Array(arguments.dropFirst(3))
    acknowledge("open")
    switch arguments[2] {
    case "import":
        for file in rest {
            let report = try store.importPairs(from: file)
            acknowledge("import \(report.takenCount) \(file)")
        }
    case "judge":
        let reader = rest.first ?? "a"
        var number = 0
        while let shown = try store.leaseNext(for: reader) {
            number += 1
            let choice: Judgement.Choice = number % 7 == 0 ? .bothBad : number % 2 == 0 ? .left : .right
            let judgement = Judgement(
                choice, criteria: [.init(.style, .left)],
                errors: [.init(.right, .omittedFinding, isSignificant: true)], comment: "probe")
            let kept = try store.record(judgement, on: shown.id, by: reader, revision: shown.revision)
            acknowledge("judge \(shown.id) \(kept.revision)")
            if number % 5 == 0 {
                let undone = try store.undo(presentation: shown.id, by: reader, revision: kept.revision)
                acknowledge("judge \(shown.id) \(undone.revision)")
            }
        }
    case "snapshot":
        let first = UInt64(rest.first ?? "0") ?? 0
        let count = rest.count > 1 ? UInt64(rest[1]) ?? 0 : UInt64.max - first
        for seed in first..<(first + count) {
            let snapshot = try store.makeSnapshot(SnapshotOptions(seed: seed))
            acknowledge("snapshot \(snapshot.digest)")
        }
    case "hold":
        acknowledge("held")
        Thread.sleep(forTimeInterval: Double(rest.first ?? "10") ?? 10)
    default: exit(64)
    }
    acknowledge("end")
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(error.kind.exitCode)
}
