import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Preferences
import StrictJSON
import Testing

@testable import ReviewServer

/// What came back.
struct Reply: Sendable {
    let status: Int
    let headers: HTTPFields
    let bytes: [UInt8]

    init(_ response: TestResponse) {
        self.init(response.head, response.body)
    }

    init(_ head: HTTPResponse, _ body: ByteBuffer) {
        status = head.status.code
        headers = head.headerFields
        bytes = Array(body.readableBytesView)
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
    /// The body as one JSON value.
    var json: JSONValue {
        get throws { try JSONValue(parsing: bytes, named: "reply") }
    }
    /// The error's code.
    var code: String? { (try? json)?["error"]?["code"]?.string }
    /// The value of a cookie that it sets.
    func cookie(_ name: String) -> String? {
        for field in headers[values: .setCookie] where field.hasPrefix(name + "=") {
            return String(field.dropFirst(name.count + 1).prefix { $0 != ";" })
        }
        return nil
    }
}

/// Somebody who asks the server, with a session or without.
struct Browser: Sendable {
    private let send: @Sendable (String, HTTPRequest.Method, HTTPFields, ByteBuffer?) async throws -> Reply
    var token: String?
    var csrf: String?

    init(_ client: any TestClientProtocol, _ session: NewSession? = nil) {
        send = { Reply(try await client.execute(uri: $0, method: $1, headers: $2, body: $3)) }
        token = session?.token
        csrf = session?.session.csrfToken
    }

    /// Over a connection of its own to a server that runs elsewhere.
    init(_ client: TestClient, _ session: NewSession) {
        send = { path, method, headers, body in
            let request = TestClient.Request(path, method: method, authority: "localhost", headers: headers, body: body)
            let reply = try await client.execute(request)
            return Reply(reply.head, reply.body ?? ByteBuffer())
        }
        token = session.token
        csrf = session.session.csrfToken
    }

    var headers: HTTPFields {
        var headers: HTTPFields = [:]
        if let token { headers[.cookie] = "overread=\(token)" }
        return headers
    }

    func get(_ path: String, _ more: HTTPFields = [:]) async throws -> Reply {
        var headers = self.headers
        for field in more { headers[field.name] = more[field.name] }
        return try await send(path, .get, headers, nil)
    }

    /// Posts JSON with the session's token.
    func post(_ path: String, _ object: JSONObject, _ more: HTTPFields = [:]) async throws -> Reply {
        try await post(path, bytes: JSONValue.object(object).serializedBytes(), type: "application/json", more)
    }

    /// Posts a form with the session's token in it.
    func form(_ path: String, _ fields: [String: String], _ more: HTTPFields = [:]) async throws -> Reply {
        var fields = fields
        if fields["csrf"] == nil { fields["csrf"] = csrf }
        let text = fields.map { "\(Self.encoded($0.key))=\(Self.encoded($0.value))" }.joined(separator: "&")
        return try await post(
            path, bytes: Array(text.utf8), type: "application/x-www-form-urlencoded", more)
    }

    func post(_ path: String, bytes: [UInt8], type: String?, _ more: HTTPFields = [:]) async throws -> Reply {
        var headers = self.headers
        if let type { headers[.contentType] = type }
        if let csrf, let name = HTTPField.Name("x-csrf-token") { headers[name] = csrf }
        for field in more { headers[field.name] = more[field.name] }
        return try await send(path, .post, headers, ByteBuffer(bytes: bytes))
    }

    static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    /// The next case.
    func next(_ kind: String = "judge", holding: [Int] = []) async throws -> JSONValue {
        let reply = try await post(
            "/api/v1/\(kind)/next", ["holding": .array(holding.map { .number(JSONNumber($0)) })])
        try #require(reply.status == 200, "\(reply.text)")
        return try #require(try reply.json["case"])
    }

    /// Answers a case.
    func judge(
        _ shown: JSONValue, _ choice: String = "left", key: String = UUID().uuidString, revision: Int? = nil,
        _ more: JSONObject = [:]
    ) async throws -> Reply {
        var object: JSONObject = [
            "presentation": shown["presentation"] ?? .null,
            "revision": revision.map { .number(JSONNumber($0)) } ?? shown["revision"] ?? .null,
            "key": .string(key), "choice": .string(choice),
        ]
        object.members += more.members
        return try await post("/api/v1/judgements", object)
    }
}

extension HTTPFields {
    /// One field.
    init(_ name: String, _ value: String) {
        self.init()
        if let name = HTTPField.Name(name) { self[name] = value }
    }
}
