import ArgumentParser
struct O: ParsableCommand {}
O.main()
