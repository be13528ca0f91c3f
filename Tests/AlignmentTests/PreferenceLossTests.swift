import Alignment
import Foundation
import Testing

@Suite("The preference loss")
struct PreferenceLossTests {
    private func pair(_ chosen: Double, _ rejected: Double, _ referenceChosen: Double, _ referenceRejected: Double)
        -> PreferenceLoss.PairLogProbabilities
    {
        PreferenceLoss.PairLogProbabilities(
            chosen: chosen, rejected: rejected, referenceChosen: referenceChosen, referenceRejected: referenceRejected)
    }

    @Test(
        "five worked pairs have the losses computed by hand, beta 0.1",
        arguments: [
            (-112.4, -120.9, -115.0, -118.0, 0.45549248), (-98.0, -101.5, -97.0, -103.0, 0.82593942),
            (-150.2, -149.0, -151.0, -152.5, 0.83723214), (-87.5, -87.5, -90.0, -90.0, 0.69314718),
            (-60.0, -75.0, -62.0, -70.0, 0.40318605),
        ])
    func workedValues(_ values: (Double, Double, Double, Double, Double)) {
        let loss = PreferenceLoss(beta: 0.1)
        #expect(abs(loss.sigmoidLoss(pair(values.0, values.1, values.2, values.3)) - values.4) < 5e-9)
    }

    @Test("the slope is the central difference of the loss", arguments: [-40.0, -3.0, 0.0, 0.7, 12.0], [0.0, 0.2])
    func slope(h: Double, smoothing: Double) {
        let loss = PreferenceLoss(beta: 0.3, labelSmoothing: smoothing)
        let step = 1e-5
        let difference =
            (loss.sigmoidLoss(pair(h + step, 0, 0, 0)) - loss.sigmoidLoss(pair(h - step, 0, 0, 0))) / (2 * step)
        #expect(abs(loss.sigmoidSlope(pair(h, 0, 0, 0)) - difference) < 1e-8)
    }

    @Test("loss and slope are finite for any margin", arguments: [-1e6, 1e6])
    func extremes(h: Double) {
        let loss = PreferenceLoss(beta: 1)
        #expect(loss.sigmoidLoss(pair(h, 0, 0, 0)).isFinite)
        #expect(loss.sigmoidSlope(pair(h, 0, 0, 0)).isFinite)
    }

    @Test("swapping chosen and rejected flips the margin")
    func swap() {
        #expect(pair(-3, -5, -4, -4).logRatioDifference == -pair(-5, -3, -4, -4).logRatioDifference)
    }
}
