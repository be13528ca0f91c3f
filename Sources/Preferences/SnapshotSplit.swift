internal import Diagnostics

/// Pairs divided into training and held-out ones, by patient.
struct SnapshotSplit {
    private(set) var train: [StoredPairs.Stored] = []
    private(set) var heldOut: [StoredPairs.Stored] = []
    /// Pairs whose record says train and whose patient is held out.
    private(set) var movedToHeldOut = 0
    /// Pairs that took their side from a record of their patient.
    private(set) var designated = 0

    /// Divides pairs: a patient with a held-out record goes wholly to the held-out side, one with a training record
    /// and none held out wholly to training, and the others by the hash of seed and patient.
    init(_ pairs: [StoredPairs.Stored], seed: UInt64, heldOutFraction: Double) {
        var designations: [[UInt8]: PreferencePair.Split] = [:]
        for stored in pairs {
            guard let split = stored.pair.split else { continue }
            let unit = Array(stored.pair.splitUnit.utf8)
            if split == .heldOut || designations[unit] == nil { designations[unit] = split }
        }
        for stored in pairs {
            let unit = stored.pair.splitUnit
            let named = designations[Array(unit.utf8)]
            let side = named ?? Self.side(ofUnit: unit, seed: seed, heldOutFraction: heldOutFraction)
            if named != nil { designated += 1 }
            if side == .heldOut, stored.pair.split == .train { movedToHeldOut += 1 }
            var pair = stored.pair
            pair.split = side
            let placed = StoredPairs.Stored(origin: stored.origin, pair: pair)
            if side == .train { train.append(placed) } else { heldOut.append(placed) }
        }
    }

    /// Removes training pairs by origin.
    mutating func dropFromTrain(_ origins: Set<StoredPairs.Origin>) {
        train.removeAll { origins.contains($0.origin) }
    }

    /// The side that the first 64 bits of SHA-256 of seed and unit give, as a fraction of 2⁶⁴.
    static func side(ofUnit unit: String, seed: UInt64, heldOutFraction: Double) -> PreferencePair.Split {
        var digest = ContentDigest("overread split v1")
        digest.add(Int64(bitPattern: seed))
        digest.add(unit)
        let bits = digest.finished().prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Double(bits >> 11) * 0x1p-53 < heldOutFraction ? .heldOut : .train
    }

    /// Refuses to go on when a patient is on both sides: that would be a fault of this program.
    static func assertDisjoint(_ train: [PreferencePair], _ heldOut: [PreferencePair], at place: String)
        throws(Refusal)
    {
        let trained = Set(train.map { Array($0.splitUnit.utf8) })
        let both = Set(heldOut.map { Array($0.splitUnit.utf8) }).intersection(trained)
        guard both.isEmpty else {
            throw Refusal(
                .ourBug, code: "snapshot.patients-overlap", at: place,
                "\(both.count) patients are on both sides of the split; none may be", mend: "report it")
        }
    }
}
