import ArgumentParser
import Foundation
import Kernels
import StrictJSON
import Synchronization

/// Runs every measurement, each in a process of its own, and writes the table and its numbers.
struct All: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run everything and write Benchmarks/results.md and results.json.")

    @OptionGroup var options: ModelOptions
    @Option(help: "A Python with the peers (Benchmarks/README.md); without it their columns stay empty.")
    var peerPython: String?
    @Option(help: "The folder for the results.") var output = "Benchmarks"
    @Option(help: "Pairs in the batch that is compared with TRL.") var batch = 8
    @Option(help: "Optimiser steps of ours and of the peer's; the first is not counted.") var steps = 4
    @Option(help: "Pairs of the file's end that are not trained on.") var heldOut = 16
    @Option(
        help: ArgumentHelp(
            "Run ours and TRL's two runs of a compute type at the same time, each on cores of its own, as 0,2:4,6:8,10: ours first.",
            valueName: "cores"))
    var sideBySide: String?
    @Flag(help: "Leave out the fp32 run through OpenBLAS alone.")
    var skipOpenblas = false
    @Option(
        parsing: .upToNextOption,
        help: "Compare these compute types alone: \(ComputeType.allCases.map(\.rawValue).joined(separator: ", ")).")
    var computeTypes: [ComputeType] = ComputeType.allCases
    @Flag(help: "Leave out how cost grows with the batch and with the length.") var skipGrowth = false
    @Flag(help: "Measure that alone, and keep everything else of the results that are there.") var growthOnly = false
    @Flag(help: "Measure nothing: write the table and the chart of the results that are there.") var tableOnly = false

    /// Tokens in a pair's two sequences and pairs in a batch at which the growth of cost is measured.
    private static let growth: [(length: Int, batches: [Int])] = [
        (256, [1, 4, 16, 64]), (512, [1, 4, 16]), (1024, [1, 4]), (2048, [1, 2]), (4096, [1]),
    ]

    func run() throws {
        let work = FileManager.default.temporaryDirectory.appending(path: "overread-bench-\(getpid())").path
        try FileManager.default.createDirectory(
            atPath: work, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: work) }
        let model = ["--model", options.model]
        func pairs(_ name: String, _ count: Int, prompt: Int, answer: Int) throws -> String {
            let path = "\(work)/\(name).jsonl"
            _ = try ours(
                ["pairs"] + model + [
                    "--output", path, "--count", "\(count)", "--prompt", "\(prompt)", "--answer", "\(answer)",
                ], printsJSON: false)
            return path
        }
        var results = JSONObject()
        if growthOnly || tableOnly {
            let known = try Data(contentsOf: URL(filePath: "\(output)/results.json"))
            results = try JSONValue(parsing: [UInt8](known), named: "results.json").object ?? JSONObject()
        } else {
            results["machine"] = .string(Self.processorName)
            try compare(&results, pairs("standard", batch * steps + heldOut, prompt: 158, answer: 62))
        }
        if !skipGrowth, !tableOnly {
            results["growth"] = .array(
                try Self.growth.flatMap { length, batches in
                    let path = try pairs("length-\(length)", batches.max() ?? 1, prompt: length / 2, answer: length / 4)
                    return try batches.map { size in
                        // A long step needs no warm-up.
                        let steps = size * length > 4096 ? 1 : 2
                        return try ours(
                            ["train"] + model + ["--pairs", path, "--batch", "\(size)", "--steps", "\(steps)"])
                    }
                })
        }
        let value = JSONValue.object(results)
        try Data((value.serialized(pretty: true) + "\n").utf8).write(to: URL(filePath: "\(output)/results.json"))
        if let chart = GrowthChart(value).svg {
            try Data(chart.utf8).write(to: URL(filePath: "\(output)/growth.svg"))
        }
        let table = ResultsTable(value).markdown
        try Data(table.utf8).write(to: URL(filePath: "\(output)/results.md"))
        print(table)
    }

    /// Ours before and after the peers, all on the same pairs.
    private func compare(_ results: inout JSONObject, _ standard: String) throws {
        let model = ["--model", options.model]
        // A shared machine's rate drifts, so the yardstick and our own steps are measured before and after the peers.
        let training =
            ["train"] + model + [
                "--pairs", standard, "--batch", "\(batch)", "--steps", "\(steps)", "--held-out", "\(heldOut)",
            ]
        let float32Products = NumericEnvironment.current().float32Products
        let types = ComputeType.allCases.filter(computeTypes.contains).filter {
            switch $0 {
            case .float32: true
            case .float32High: float32Products.hasPrefix("AMX tiles")
            case .bfloat16: BFloat16Support.current == .ready
            }
        }
        let writing = ["generate"] + model + ["--pairs", standard, "--prompts", "16", "--tokens", "64"]
        func measureOurs(_ suffix: String, _ results: inout JSONObject) throws {
            results["gemm\(suffix)"] = try ours(["gemm"])
            for type in types {
                results["\(ResultsTable.names(type).ours)\(suffix)"] = try ours(
                    training + ["--compute-type", type.rawValue])
            }
            if float32Products != "OpenBLAS", types.contains(.float32), !skipOpenblas {
                results["train_openblas\(suffix)"] = try ours(training, tiles: false)
            }
            results["generate\(suffix)"] = try ours(writing)
        }
        if let sideBySide, let peerPython {
            return try compareBeside(&results, sideBySide, types, training: training, pairs: standard, peerPython)
        }
        try measureOurs("", &results)
        if let peerPython {
            for (name, arguments) in Self.peerTypes(types).flatMap({ trainers($0, standard) }) {
                results[name] = try? program(peerPython, arguments)
            }
            results["llama_cpp"] = try? program(
                peerPython, ["\(Self.peers)/llama_generate.py", options.model, standard, "16", "64"])
        }
        try measureOurs("_after", &results)
    }

    /// TRL's two runs of a compute type at the same time, and ours beside them until both are done: a shared machine is not
    /// as quick in one minute as in the next.
    private func compareBeside(
        _ results: inout JSONObject, _ sideBySide: String, _ types: [ComputeType], training: [String], pairs: String,
        _ peerPython: String
    ) throws {
        let lanes = sideBySide.split(separator: ":").map(String.init)
        guard lanes.count == 3 else {
            throw ValidationError("--side-by-side takes cores for ours and for two of TRL's.")
        }
        results["side_by_side"] = .string(sideBySide)
        for type in Self.peerTypes(types) {
            let found = Mutex<[String: JSONValue]>([:])
            let group = DispatchGroup()
            let runs = trainers(type, pairs)
            for (run, cores) in zip(runs, lanes.dropFirst()) {
                DispatchQueue.global().async(group: group) {
                    let result = try? program(peerPython, run.arguments, cores: cores)
                    found.withLock { $0[run.name] = result }
                }
            }
            var round = 0
            repeat {
                for own in types where Self.peerTypes([own]) == [type] {
                    let name = ResultsTable.names(own).ours + ResultsTable.suffix(round)
                    results[name] = try ours(training + ["--compute-type", own.rawValue], cores: lanes[0])
                }
                if type == .float32 {
                    results["gemm\(ResultsTable.suffix(round))"] = try ours(["gemm"], cores: lanes[0])
                }
                round += 1
            } while group.wait(timeout: .now()) == .timedOut
            for (name, _) in runs { results[name] = found.withLock { $0[name] } }
        }
    }

    private static let peers = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "peers").path

    /// The types in which TRL is run to compare with these: both of fp32's with its fp32.
    private static func peerTypes(_ types: [ComputeType]) -> [ComputeType] {
        [.float32, .bfloat16].filter { type in types.contains { ($0 == .bfloat16) == (type == .bfloat16) } }
    }

    /// TRL's runs of a compute type, each with the name of its results.
    private func trainers(_ type: ComputeType, _ pairs: String) -> [(name: String, arguments: [String])] {
        let names = ResultsTable.names(type)
        let bf16 = type == .bfloat16 ? ["--bf16"] : []
        return [(names.trl, bf16), (names.precomputed, bf16 + ["--precompute"])].map { name, flags in
            (
                name,
                ["\(Self.peers)/trl_dpo.py", options.model, pairs, "\(batch)", "\(steps)", "\(heldOut)"] + flags
            )
        }
    }

    private func ours(
        _ arguments: [String], printsJSON: Bool = true, cores: String? = nil, tiles: Bool = true
    ) throws -> JSONValue {
        try program(CommandLine.arguments[0], arguments, printsJSON: printsJSON, cores: cores, tiles: tiles)
    }

    /// Runs a program to its end and reads the last line that it printed.
    ///
    /// With `cores` it may use these alone; without `tiles`, all its products go through the libraries.
    private func program(
        _ path: String, _ arguments: [String], printsJSON: Bool = true, cores: String? = nil, tiles: Bool = true
    ) throws -> JSONValue {
        FileHandle.standardError.write(Data("… \(arguments.prefix(2).joined(separator: " "))\n".utf8))
        let process = Process()
        process.executableURL = URL(filePath: cores == nil ? path : "/usr/bin/taskset")
        process.arguments = (cores.map { ["-c", $0, path] } ?? []) + arguments
        if !tiles {
            process.environment = ProcessInfo.processInfo.environment.merging(["OVERREAD_MATRIX_TILES": "off"]) { $1 }
        }
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw ExitCode(process.terminationStatus) }
        guard printsJSON else { return .null }
        let line = data.split(separator: UInt8(ascii: "\n")).last.map { [UInt8]($0) } ?? []
        return try JSONValue(parsing: line, named: arguments.first ?? path)
    }

    private static var processorName: String {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n")
        func field(_ name: String) -> String {
            lines.first { $0.hasPrefix(name) }?.split(separator: ":").last.map { $0.trimmingPrefix(" ").description }
                ?? "?"
        }
        let flags = field("flags").split(separator: " ")
        let extensions = ["avx2", "avx512f", "avx512_bf16", "amx_bf16"].filter { flags.contains(Substring($0)) }
        return "\(field("model name")), \(lines.count { $0.hasPrefix("processor") }) cores, "
            + extensions.joined(separator: " ")
    }
}
