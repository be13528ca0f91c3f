internal import Dispatch
internal import Foundation
internal import Preferences
internal import StrictJSON

/// The server's log: one JSON object a line, with no text of reports, no names and no addresses of pages.
public struct RequestLog: Sendable {
    private let write: @Sendable (String) -> Void

    /// Makes a log that hands over each line, without its line feed.
    public init(_ write: @escaping @Sendable (String) -> Void) {
        self.write = write
    }

    /// A log on standard error, written on a thread of its own.
    public static func standardError() -> RequestLog {
        let queue = DispatchQueue(label: "overread.log", qos: .utility)
        return RequestLog { line in
            queue.async { try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8)) }
        }
    }

    /// Says what became of a request.
    func request(
        _ notes: RequestNotes, method: String, status: Int, milliseconds: Int, address: String?
    ) {
        let values = notes.current
        var object: JSONObject = [
            "at": .string(UTCTime.current().description), "event": .string(values.event ?? "request"),
            "request": .string(notes.id), "method": .string(method), "route": .string(values.route),
            "status": .number(JSONNumber(status)), "ms": .number(JSONNumber(milliseconds)),
        ]
        for (key, value) in [("account", values.account), ("code", values.code), ("address", address)] {
            if let value { object.members.append(JSONObject.Member(key, .string(value))) }
        }
        write(JSONValue.object(object).serialized())
    }

    /// Says that something happened to the server itself.
    func event(_ name: String, _ facts: JSONObject = JSONObject()) {
        var object: JSONObject = ["at": .string(UTCTime.current().description), "event": .string(name)]
        object.members += facts.members
        write(JSONValue.object(object).serialized())
    }
}
