/// Cases shown side by side, chosen by a stated rule.
public struct ExampleCases: Sendable, Equatable {
    /// What one system wrote for a case, and what is wrong with it in words.
    public struct Output: Sendable, Equatable {
        /// Which system wrote it.
        public var role: SystemResult.Role
        /// The text as written.
        public var text: String
        /// How many rules it meets.
        public var rulesMet: Int
        /// The rules it breaks, each in words.
        public var ruleFindings: [String]
        /// What its content lacks or has wrong, each in words.
        public var contentErrors: [String]

        /// Makes an output.
        public init(
            role: SystemResult.Role, text: String, rulesMet: Int, ruleFindings: [String], contentErrors: [String]
        ) {
            self.role = role
            self.text = text
            self.rulesMet = rulesMet
            self.ruleFindings = ruleFindings
            self.contentErrors = contentErrors
        }
    }

    /// One case.
    public struct Case: Sendable, Equatable {
        /// The case's id.
        public var id: String
        /// Why it is shown.
        public var reason: ExampleSelection.Reason
        /// Indication, comparison and findings, as prompted.
        public var findings: String
        /// The impression it should be.
        public var reference: String
        /// What the systems wrote.
        public var outputs: [Output]

        /// Makes a case.
        public init(
            id: String, reason: ExampleSelection.Reason, findings: String, reference: String, outputs: [Output]
        ) {
            self.id = id
            self.reason = reason
            self.findings = findings
            self.reference = reference
            self.outputs = outputs
        }
    }

    /// How the cases were chosen, in a sentence; `ExampleSelection.sentence` has it.
    public var rule: String
    /// The cases.
    public var cases: [Case]

    /// Makes cases.
    public init(rule: String, cases: [Case]) {
        self.rule = rule
        self.cases = cases
    }
}
