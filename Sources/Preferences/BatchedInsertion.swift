internal import GRDB

/// Rows of one table that are inserted several at a time: begun and ended one by one, the statements cost more than
/// the rows.
struct BatchedInsertion {
    /// How many rows one statement inserts at most.
    static let rowsAtOnce = 16

    private let database: Database
    private let table: String
    private let columns: [String]
    /// The statement for each number of rows, once there was such a number.
    private var statements: [Statement?] = Array(repeating: nil, count: rowsAtOnce + 1)
    private var values = StatementArguments()
    /// How many rows wait.
    private var count = 0

    /// Begins with no row.
    init(_ database: Database, into table: String, _ columns: [String]) {
        self.database = database
        self.table = table
        self.columns = columns
    }

    /// Whether the next statement is full.
    var isFull: Bool { count == Self.rowsAtOnce }

    /// Adds a row that waits: what was known of it beforehand, and the rest of its columns.
    mutating func add(_ row: StatementArguments, _ rest: StatementArguments = []) {
        precondition(!isFull, "a full statement is run before more is added")
        values += row
        values += rest
        count += 1
    }

    /// Inserts the rows that wait, in the order in which they were added.
    mutating func flush() throws {
        guard count > 0 else { return }
        try statement(count).execute(arguments: values)
        values = StatementArguments()
        count = 0
    }

    private mutating func statement(_ count: Int) throws -> Statement {
        if let known = statements[count] { return known }
        let row = "(" + columns.map { _ in "?" }.joined(separator: ", ") + ")"
        let rows = Array(repeating: row, count: count).joined(separator: ", ")
        let statement = try database.makeStatement(
            sql: "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES \(rows)")
        statements[count] = statement
        return statement
    }
}
