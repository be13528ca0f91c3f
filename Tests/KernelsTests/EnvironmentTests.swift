import Kernels
import Testing

@Suite("The numeric environment")
struct EnvironmentTests {
    @Test("names OpenBLAS, its core and at least one processor")
    func environment() {
        let environment = NumericEnvironment.current()
        #expect(environment.blas.contains("OpenBLAS"))
        #expect(!environment.blasCore.isEmpty && environment.processors >= 1)
    }
}
