import Diagnostics
import Foundation
import Preferences
import StrictJSON
import Testing

@Suite("Foreign formats: reading pairs")
struct FormatReadingTests {
    @Test(
        "every format is found by its content",
        arguments: [
            (FormatSamples.trl, PairFormat.trl), (FormatSamples.transcript, .anthropicHH),
            (FormatSamples.alpaca, .llamaFactoryAlpaca), (FormatSamples.shareGPT, .llamaFactoryShareGPT),
            (FormatSamples.messages, .llamaFactoryMessages), (FormatSamples.nested, .argilla),
            (FormatSamples.task, .labelStudio),
        ])
    func detected(record: String, format: PairFormat) throws {
        for text in [record + "\n", "[\n  " + record + "\n]\n", "\u{feff} [" + record + "]"] {
            let result = try reading(text)
            #expect(result.format == format)
            #expect(!result.pairs.isEmpty)
            #expect(try reading(text, format).pairs == result.pairs)
        }
    }

    @Test("records that fit two formats are refused with both named")
    func ambiguous() throws {
        let text =
            "{\"instruction\": \"i\", \"prompt\": \"p\", \"chosen\": \"c d\", \"rejected\": \"e f\"}\n"
        let scratch = try Scratch()
        let path = try scratch.file("f", text)
        let refusal = #expect(throws: Refusal.self) { try PairFileReading.read(path) }
        #expect(refusal?.code == "format.ambiguous")
        #expect(refusal?.problem.contains("trl or llamafactory-alpaca") == true)
        #expect(try reading(text, .trl).pairs.first?.prompt == .text("p"))
        #expect(try reading(text, .llamaFactoryAlpaca).pairs.first?.prompt == messages(("user", "i")))
    }

    @Test(
        "what is of no known format is refused, not guessed",
        arguments: [
            ("{\"a\": \"b\"}\n", "format.unknown"), ("plain words\n", "format.unknown"), ("", "file.empty"),
            ("{\"question\": \"q\", \"chosen\": \"q a\", \"rejected\": \"q b\"}\n", "format.mapping-needed"),
            ("PK\u{3}\u{4}....", "file.archive"), ("[{\"a\": 1},]", "json.trailing-comma"),
        ])
    func unknown(text: String, code: String) throws {
        #expect(try refusal(of: text)?.0 == code)
    }

    @Test("a few damaged records do not hide a file's format, nor take their neighbours along")
    func damaged() throws {
        let text =
            FormatSamples.alpaca + "\n{\"instruction\": \"x\"}\n" + FormatSamples.shareGPT + "\n{\n"
            + FormatSamples.alpaca.replacingOccurrences(of: "clear", with: "normal") + "\n"
            + FormatSamples.alpaca.replacingOccurrences(of: "clear", with: "fine") + "\n"
        let result = try reading(text)
        #expect(result.format == .llamaFactoryAlpaca && result.pairs.count == 3)
        #expect(result.refusals.map { $0.location.split(separator: ":")[1] } == ["2", "3", "4"])
    }

    @Test("a file that is not of the named format is refused, and a format's name is suggested")
    func named() throws {
        #expect(try refusal(of: "prompt,chosen,rejected\np,c,r\n", .trl)?.0 == "format.unknown")
        #expect(try PairFormat.named("label-studio") == .labelStudio)
        let refusal = #expect(throws: Refusal.self) { try PairFormat.named("agrilla") }
        #expect(refusal?.remedy == "write argilla")
    }

    @Test(
        "an array that is no JSON is refused whole, with line and column",
        arguments: [
            ("[\n{\"prompt\": \"é\", \"chosen\": \"c\", \"chosen\": \"d\"}]", "json.duplicate-key", "f:2:32"),
            ("[\n{\"prompt\": \"\\ud83d\"}]", "json.lone-surrogate", "f:2:13"),
            ("[{\"prompt\": \"p\"},\n]", "json.trailing-comma", "f:1:17"),
            ("[{\"prompt\": \"p\"}", "json.truncated", "f:1:17"),
            ("\u{feff}[{\"prompt\": 'p'}]", "json.syntax", "f:1:13"),
        ])
    func strictArrays(text: String, code: String, place: String) throws {
        let found = try refusal(of: text)
        #expect(found?.0 == code)
        #expect(found?.1 == place)
    }

    @Test("the document on formats names every format, reason and export")
    func documented() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("docs/pair-formats.md"), encoding: .utf8)
        let names =
            PairFormat.allCases.map(\.rawValue) + LeftOutReason.allCases.map(\.rawValue)
            + SnapshotExport.Shape.allCases.map(\.rawValue) + PreferencePair.fieldNames
        for name in names { #expect(text.contains("`\(name)`"), "\(name)") }
    }

    // MARK: TRL

    @Test(
        "an implicit plain prompt ends where no word, number or character is cut",
        arguments: [
            ("The sky is blue.", "The sky is black.", "The sky is", " blue.", " black."),
            ("nodule of 1.5 cm", "nodule of 1.7 cm", "nodule of", " 1.5 cm", " 1.7 cm"),
            ("Q: x?\nA: yes", "Q: x?\nA: no", "Q: x?\nA:", " yes", " no"),
            ("a e\u{301}", "a e\u{300}", "a", " e\u{301}", " e\u{300}"),
            ("天空是蓝色", "天空是绿色", "天空是", "蓝色", "绿色"),
            (
                "ok \u{1F469}\u{200D}\u{1F52C}", "ok \u{1F469}\u{200D}\u{1F680}", "ok",
                " \u{1F469}\u{200D}\u{1F52C}", " \u{1F469}\u{200D}\u{1F680}"
            ),
            ("The sky is blue.", "The sky is blue today.", "The sky is", " blue.", " blue today."),
        ])
    func implicit(chosen: String, rejected: String, prompt: String, answer: String, other: String) throws {
        let record: JSONValue = ["chosen": .string(chosen), "rejected": .string(rejected)]
        let pair = try #require(try reading(json(record), .trl).pairs.first)
        #expect(pair.prompt == .text(prompt))
        #expect(pair.chosen == .text(answer) && pair.rejected == .text(other))
    }

    @Test("where nothing is shared, or one text is the beginning of the other, the record is refused")
    func implicitRefused() throws {
        #expect(try refusal(of: "{\"chosen\": \"black\", \"rejected\": \"blue\"}", .trl)?.0 == "pair.no-prompt")
        #expect(try refusal(of: "{\"chosen\": \"the sky\", \"rejected\": \"the sky is\"}", .trl)?.0 == "pair.blank")
    }

    @Test("a plain prompt that repeats the question of whole conversations is the conversations' own")
    func repeatedQuestion() throws {
        let turns = { (answer: String) in
            "[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"\(answer)\"}]"
        }
        let record = { (prompt: String) in
            "{\"prompt\":\"\(prompt)\",\"chosen\":\(turns("a")),\"rejected\":\(turns("b"))}"
        }
        let pair = try #require(try reading(record("q")).pairs.first)
        #expect(pair.prompt == messages(("user", "q")) && pair.chosen == messages(("assistant", "a")))
        #expect(try refusal(of: record("another question"))?.0 == "pair.mixed-forms")
    }

    // MARK: Anthropic HH

    @Test("a transcript gives its turns, and the words that both answers share stay theirs")
    func transcript() throws {
        let pair = try #require(try reading(FormatSamples.transcript).pairs.first)
        #expect(pair.prompt == messages(("user", "Write it.")))
        #expect(pair.chosen == messages(("assistant", "The lungs are clear.")))
        #expect(pair.rejected == messages(("assistant", "The lungs look fine.")))
        #expect(pair.source == "anthropic-hh")
        let long: JSONValue = [
            "chosen": "\n\nHuman: a\n\nAssistant: b\n\nHuman:  c\n\nAssistant:d\n",
            "rejected": "\n\nHuman: a\n\nAssistant: b\n\nHuman:  c\n\nAssistant: e",
        ]
        let second = try #require(try reading(json(long)).pairs.first)
        #expect(second.prompt == messages(("user", "a"), ("assistant", "b"), ("user", " c")))
        #expect(second.chosen == messages(("assistant", "d\n")))
    }

    @Test(
        "a transcript that is no pair is refused for what it is",
        arguments: [
            ("\n\nHuman: a\n\nAssistant: b", "\n\nHuman: z\n\nAssistant: c", "pair.bad-turns", "f:1:53"),
            ("\n\nHuman: a\n\nAssistant: b\n\nHuman: c", "\n\nHuman: a\n\nAssistant: d", "pair.bad-turns", "f:1:11"),
            ("\n\nHuman: a\n\nHuman: b\n\nAssistant: c", "\n\nHuman: a\n\nAssistant: d", "pair.bad-turns", "f:1:11"),
            ("\n\nHuman: a\n\nAssistant: b", "a", "pair.bad-turns", "f:1:53"),
            ("\n\nHuman: a\n\nAssistant:", "\n\nHuman: a\n\nAssistant: d", "pair.blank", "f:1:11"),
            ("\n\nHuman: a\n\nAssistant: b", "\n\nHuman: a\n\nAssistant: b ", "pair.no-preference", "f:1:53"),
        ])
    func badTranscript(chosen: String, rejected: String, code: String, place: String) throws {
        let record: JSONValue = ["chosen": .string(chosen), "rejected": .string(rejected)]
        let found = try refusal(of: json(record), .anthropicHH)
        #expect(found?.0 == code)
        #expect(found?.1 == place)
    }

    // MARK: LLaMA-Factory

    @Test("alpaca's instruction and input are one turn after system and history")
    func alpaca() throws {
        let pair = try #require(try reading(FormatSamples.alpaca).pairs.first)
        #expect(pair.prompt == messages(("user", "Write the impression.\nLungs clear.")))
        #expect(pair.chosen == messages(("assistant", "No acute finding.")))
        let record = """
            {"system": "s", "history": [["q", "a"]], "instruction": "", "input": "i", "chosen": "c", "rejected": "r"}
            """
        let second = try #require(try reading(record).pairs.first)
        #expect(second.prompt == messages(("system", "s"), ("user", "q"), ("assistant", "a"), ("user", "i")))
    }

    @Test("sharegpt's turns are mapped, also with role and content, and its system field comes first")
    func shareGPT() throws {
        let pair = try #require(try reading(FormatSamples.shareGPT).pairs.first)
        #expect(pair.prompt == messages(("user", "Write the impression.")))
        #expect(pair.rejected == messages(("assistant", "chest ok")))
        let record = """
            {"system": "s", "messages": [{"role": "user", "content": "q"}], "images": [], \
            "chosen": {"role": "assistant", "content": "a"}, "rejected": {"role": "assistant", "content": "b"}}
            """
        #expect(try reading(record).pairs.first?.prompt == messages(("system", "s"), ("user", "q")))
    }

    @Test("parts of a message are joined, and its weight is passed over")
    func parts() throws {
        let pair = try #require(try reading(FormatSamples.messages).pairs.first)
        #expect(pair.prompt == messages(("user", "Write.")) && pair.chosen == messages(("assistant", "No effusion.")))
    }

    @Test(
        "what LLaMA-Factory skips with a warning is refused with its place",
        arguments: [
            ("human", "human", "gpt", "pair.bad-turns", "f:1:63"), ("gpt", "gpt", "gpt", "pair.bad-turns", "f:1:20"),
            ("human", "gpt", "gpt", "pair.bad-turns", "f:1:19"),
            ("human", "observation", "gpt", "pair.unsupported-media", "f:1:63"),
            ("human", "critic", "gpt", "pair.bad-turns", "f:1:63"),
        ])
    func shareGPTRefused(first: String, second: String, answer: String, code: String, place: String) throws {
        let padding = String(repeating: " ", count: 5 - first.utf8.count)
        let record = """
            {"conversations": [{"from": "\(first)"\(padding), "value": "words in it"}, {"from": "\(second)", "value": "v"}], \
            "chosen": {"from": "\(answer)", "value": "a"}, "rejected": {"from": "gpt", "value": "b"}}
            """
        let found = try refusal(of: record, .llamaFactoryShareGPT)
        #expect(found?.0 == code)
        #expect(found?.1 == place)
    }

    @Test("images and tools are refused, empty ones are not")
    func media() throws {
        let withImage = FormatSamples.alpaca.dropLast() + ", \"images\": [\"a.png\"]}"
        #expect(try refusal(of: String(withImage))?.0 == "pair.unsupported-media")
        let withTools = FormatSamples.alpaca.dropLast() + ", \"tools\": \"[{}]\", \"images\": null}"
        #expect(try refusal(of: String(withTools))?.0 == "pair.unsupported-media")
        let without = FormatSamples.alpaca.dropLast() + ", \"tools\": \"\", \"images\": []}"
        #expect(try reading(String(without)).pairs.count == 1)
    }

    @Test("no refusal repeats a record's text or a person's name")
    func noQuoting() throws {
        let name = "Smith"
        let texts = [
            "{\"instruction\": 7, \"chosen\": \"\(name)\", \"rejected\": \"\(name)\"}",
            "{\"conversations\": [{\"from\": \"\(name)\", \"value\": \"x\"}], \"chosen\": {}, \"rejected\": {}}",
            FormatSamples.task.replacingOccurrences(of: "left", with: name),
            FormatSamples.nested.replacingOccurrences(of: "\"value\": \"b\"", with: "\"value\": \"\(name)\""),
            "prompt,chosen,rejected,\(name)\np,c,r,x\n",
        ]
        for (text, format) in zip(
            texts, [PairFormat.llamaFactoryAlpaca, .llamaFactoryShareGPT, .labelStudio, .argilla, .csv])
        {
            let scratch = try Scratch()
            let path = try scratch.file("f", text)
            do throws(Refusal) {
                let reading = try PairFileReading.read(path, options: PairReadingOptions(format: format))
                #expect(!reading.refusals.isEmpty)
                #expect(reading.refusals.allSatisfy { !$0.description.contains(name) })
            } catch {
                #expect(!error.description.contains(name))
            }
        }
    }
}
