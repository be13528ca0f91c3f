import StrictJSON
import Testing
import Yams

@testable import ReviewServer

/// The OpenAPI file that the server gives out, and a check of values against its schemas.
struct APIDescription: Sendable {
    let root: JSONValue

    init() throws {
        let text = String(decoding: PackageResources.openapi_yaml, as: UTF8.self)
        root = try Self.value(#require(try Yams.compose(yaml: text)))
    }

    /// The operations, as `POST /api/v1/…`.
    var operations: [(method: String, path: String, operation: JSONValue)] {
        (root["paths"]?.object?.members ?? []).flatMap { path in
            (path.value.object?.members ?? []).filter { ["get", "post", "put", "patch", "delete"].contains($0.key) }
                .map { ($0.key.uppercased(), path.key, $0.value) }
        }
    }

    /// The schema of an operation's good answer.
    func answer(_ method: String, _ path: String) -> JSONValue? {
        root["paths"]?[path]?[method.lowercased()]?["responses"]?["200"]?["content"]?["application/json"]?["schema"]
    }

    /// What is wrong with a value; empty when it is exactly what the schema says.
    func problems(of value: JSONValue, _ schema: JSONValue, at place: String = "$") -> [String] {
        if let reference = schema["$ref"]?.string {
            let target = reference.split(separator: "/").dropFirst().reduce(Optional(root)) { $0?[String($1)] }
            guard let target else { return ["\(place): \(reference) is not there"] }
            return problems(of: value, target, at: place)
        }
        if let choices = schema["anyOf"]?.array {
            let all = choices.map { problems(of: value, $0, at: place) }
            return all.contains { $0.isEmpty } ? [] : all.flatMap { $0 }
        }
        if let constant = schema["const"] { return constant == value ? [] : ["\(place): not the constant"] }
        if let words = schema["enum"]?.array { return words.contains(value) ? [] : ["\(place): none of the words"] }
        guard let type = schema["type"] else { return ["\(place): a schema without a type"] }
        let types = type.array?.compactMap(\.string) ?? [type.string ?? ""]
        guard types.contains(where: { Self.fits(value, $0) }) else {
            return ["\(place): \(value.kindName) in place of \(types.joined(separator: " or "))"]
        }
        if let object = value.object { return members(of: object, schema, at: place) }
        guard let list = value.array, let items = schema["items"] else { return [] }
        return list.enumerated().flatMap { problems(of: $0.element, items, at: "\(place)[\($0.offset)]") }
    }

    private func members(of object: JSONObject, _ schema: JSONValue, at place: String) -> [String] {
        let known = schema["properties"]?.object ?? JSONObject()
        let required = schema["required"]?.array?.compactMap(\.string) ?? []
        let missing = required.filter { object[$0] == nil }.map { "\(place).\($0) is not there" }
        return missing
            + object.members.flatMap { member in
                known[member.key].map { problems(of: member.value, $0, at: "\(place).\(member.key)") }
                    ?? ["\(place).\(member.key) is not in the file"]
            }
    }

    private static func fits(_ value: JSONValue, _ type: String) -> Bool {
        switch type {
        case "object": value.object != nil
        case "array": value.array != nil
        case "string": value.string != nil
        case "integer": value.int != nil
        case "number": value.double != nil
        case "boolean": value.bool != nil
        case "null": value.isNull
        default: false
        }
    }

    private static func value(_ node: Node) throws -> JSONValue {
        switch node {
        case .mapping(let mapping):
            return .object(
                JSONObject(try mapping.map { JSONObject.Member(try #require($0.key.string), try value($0.value)) }))
        case .sequence(let sequence): return .array(try sequence.map(value))
        default:
            if node.null != nil, node.scalar?.style == .plain, node.string == "null" { return .null }
            if node.scalar?.style == .plain {
                if let bool = node.bool { return .bool(bool) }
                if let int = node.int { return .number(JSONNumber(int)) }
            }
            return .string(try #require(node.string))
        }
    }
}
