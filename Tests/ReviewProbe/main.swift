// For tests and measurements of the review server:
//
//   ReviewProbe seed STORE PAIRS READERS    makes a store of synthetic pairs and drafts, with reviewers reader-1, … and
//                                           the administrator chief, all with one password and logged in; prints the
//                                           password and the sessions
//   ReviewProbe serve STORE                 serves it on a free port of this machine; prints the address
//   ReviewProbe answers STORE               prints the key and the revision of every answer that is kept
import Diagnostics
import Foundation
import Preferences
import ReviewServer
import StrictJSON

let password = "orbit-lantern-quarry-93"

func say(_ text: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
}

func answer(_ word: String, _ number: Int) -> PromptText {
    .messages([
        PromptText.Message(
            role: "assistant", content: "IMPRESSION:\n1. \(word) \(number): no acute intracranial abnormality.")
    ])
}

func prompt(_ number: Int) -> PromptText {
    .messages([
        PromptText.Message(
            role: "user",
            content: "Write the impression.\n\nIndication: Headache.\nComparison: None.\nFindings: Case \(number). The "
                + "ventricles are normal in size. No hemorrhage, mass effect or shift. The paranasal sinuses are clear."
        )
    ])
}

func seed(_ path: String, pairs: Int, readers: Int) throws {
    let store = try PreferenceStore(at: path)
    let hash = try PasswordHash(of: password, forAccount: "somebody")
    var sessions: [JSONValue] = []
    for name in ["chief"] + (1...readers).map({ "reader-\($0)" }) {
        _ = try store.createAccount(name: name, displayName: name, role: name == "chief" ? .administrator : .reviewer)
        let link = try store.makeSetUpLink(account: name)
        let new = try store.finishSetUp(token: link.token, password: hash, address: nil)
        sessions.append(["name": .string(name), "token": .string(new.token), "csrf": .string(new.session.csrfToken)])
    }
    let model = Candidate.Model(base: "synthetic")
    for start in stride(from: 1, through: pairs, by: 500) {
        _ = try store.createJudgingPairs(
            (start...min(start + 499, pairs)).map { number in
                PairForJudging(
                    prompt: prompt(number), first: Candidate(text: answer("One", number), author: .model, model: model),
                    second: Candidate(text: answer("Two", number), author: .model, model: model),
                    exam: Exam(key: "E\(number)", patient: "P\(number)", modality: "CT", bodyPart: "head"))
            })
    }
    _ = try store.createCorrectionTasks(
        (1...50).map { number in
            DraftToCorrect(
                prompt: prompt(number),
                candidate: Candidate(text: answer("Draft", number), author: .model, model: model))
        })
    say(JSONValue.object(["password": .string(password), "sessions": .array(sessions)]).serialized())
}

func answers(_ path: String) throws {
    let store = try PreferenceStore(at: path)
    for account in try store.accounts() {
        for answer in try store.ownJudgements(of: account.reviewer, limit: 1_000_000) {
            say("\(answer.presentation) \(answer.revision) \(answer.choice.rawValue)")
        }
    }
    let report = try store.check()
    say("sound \(report.judgementCount)")
}

let arguments = Array(CommandLine.arguments.dropFirst())
do {
    switch (arguments.first, arguments.count) {
    case ("seed", 4): try seed(arguments[1], pairs: Int(arguments[2]) ?? 1, readers: Int(arguments[3]) ?? 1)
    case ("serve", 2):
        var options = ServerOptions()
        options.port = 0
        let server = try ReviewServer(store: arguments[1], options: options, log: RequestLog { _ in })
        try await server.run { say($0.json) }
    case ("answers", 2): try answers(arguments[1])
    default:
        say("usage: ReviewProbe seed STORE PAIRS READERS | serve STORE | answers STORE")
        exit(64)
    }
} catch {
    say("\(error)")
    exit(1)
}
