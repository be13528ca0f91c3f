#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// base^exponent in fp64.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
