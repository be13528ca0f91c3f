// Measures the preference store: import, snapshot, check, backup, size, and the next pair for a reader.
//
//   swift run -c release StoreBenchmark [PAIRS...] [--output FOLDER]
//   swift run -c release StoreBenchmark --imports TIMES [PAIRS]
//
// Sizes are 1000 10000 100000 without arguments. The table goes to standard output; with --output also to
// FOLDER/results.md and FOLDER/results.json. Each size runs in a process of its own, so that its memory is its own. With
// --imports only the import is measured, several times, each into a new store.
import Foundation

var sizes: [Int] = []
var folder: String?
var single: Int?
var imports: Int?
var arguments = CommandLine.arguments.dropFirst()
while let word = arguments.popFirst() {
    switch word {
    case "--output": folder = arguments.popFirst()
    case "--imports": imports = arguments.popFirst().flatMap { Int($0) }
    case "--single": single = arguments.popFirst().flatMap { Int($0) }
    default:
        guard let size = Int(word), size > 0 else {
            FileHandle.standardError.write(Data("usage: StoreBenchmark [PAIRS...] [--output FOLDER]\n".utf8))
            exit(64)
        }
        sizes.append(size)
    }
}
if let single {
    FileHandle.standardOutput.write(try JSONEncoder().encode(try StoreMeasurement(pairs: single)))
    exit(0)
}
if let imports {
    for _ in 0..<imports {
        let (rate, processor) = try StoreMeasurement.importing(sizes.first ?? 100_000)
        print("\(Int(rate)) pairs/s, \(String(format: "%.2f", processor)) s of processor time")
    }
    exit(0)
}
var measured: [StoreMeasurement] = []
for size in sizes.isEmpty ? [1000, 10_000, 100_000] : sizes {
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    child.arguments = ["--single", String(size)]
    let output = Pipe()
    child.standardOutput = output
    try child.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    child.waitUntilExit()
    guard child.terminationStatus == 0 else { exit(child.terminationStatus) }
    measured.append(try JSONDecoder().decode(StoreMeasurement.self, from: bytes))
}
let results = StoreResults(measured)
print(results.markdown)
if let folder {
    try Data(results.markdown.utf8).write(to: URL(fileURLWithPath: folder + "/results.md"))
    try results.json().write(to: URL(fileURLWithPath: folder + "/results.json"))
}
