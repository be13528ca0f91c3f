#!/usr/bin/env python3
"""Writes Tests/EvaluationTests/Golden/agreement.json: the peers' answers to random ratings.

Made with Python 3.11, krippendorff 0.9.0, scikit-learn 1.9.1, statsmodels 0.15.0, irrCAC 0.4.4 (installed with --no-deps,
as it asks for an old numpy), scipy 1.17.1, pandas 3.1.1 and numpy 2.4.6:

    python3 Tests/GoldenGenerators/agreement_statistics.py

The bootstrap draws exams with SplitMix64, as SeededGenerator does, copies the drawn exams' items, and asks the peer about
each copy; the percentile is the smallest value at or below which the share lies (numpy's "inverted_cdf").
"""
import json
import pathlib
import warnings

import irrCAC.raw
import krippendorff
import numpy
import pandas
from scipy import stats
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

warnings.simplefilter("ignore")
rng = numpy.random.default_rng(20261125)


def alpha(ratings, metric):
    """Krippendorff's alpha of raters x items with NaN, or None where the package finds it undefined."""
    try:
        value = float(krippendorff.alpha(reliability_data=ratings, level_of_measurement=metric))
    except ValueError:
        return None
    return None if numpy.isnan(value) else value


def draw(raters, items, levels, noise, missing):
    """Raters x items: a common value, noise, and holes; items with fewer than two ratings may occur."""
    truth = rng.choice(levels, items)
    ratings = numpy.where(rng.random((raters, items)) < noise, rng.choice(levels, (raters, items)), truth)
    ratings = ratings.astype(float)
    ratings[rng.random((raters, items)) < missing] = numpy.nan
    return ratings


def encode(ratings):
    return [[None if numpy.isnan(v) else float(v) for v in row] for row in ratings]


def alphas():
    cases = []
    for _ in range(30):
        levels = [0.0, 0.5, 1.0] if rng.random() < 0.5 else [1.0, 2.0, 3.0, 4.0, 7.0]
        ratings = draw(int(rng.integers(2, 6)), int(rng.integers(4, 40)), levels, rng.uniform(0.05, 0.9),
                       rng.choice([0, 0.1, 0.4]))
        values = {metric: alpha(ratings, metric) for metric in ("nominal", "ordinal", "interval")}
        if None not in values.values():
            cases.append({"ratings": encode(ratings), **values})
    return cases


def kappas():
    cases = []
    for _ in range(30):
        levels = [0.0, 0.5, 1.0] if rng.random() < 0.5 else [1.0, 2.0, 3.0, 4.0, 5.0]
        # A level that nobody gives: the weights count it all the same.
        used = levels if rng.random() < 0.5 else [v for v in levels if v != levels[1]]
        ratings = draw(2, int(rng.integers(4, 40)), used, rng.uniform(0.05, 0.9), 0)
        names = [[str(levels.index(v)) for v in row] for row in ratings]
        labels = [str(index) for index in range(len(levels))]
        values = {word: float(cohen_kappa_score(*names, labels=labels, weights=weights))
                  for word, weights in (("none", None), ("linear", "linear"), ("quadratic", "quadratic"))}
        if not any(numpy.isnan(v) for v in values.values()):
            cases.append({"ratings": encode(ratings), "levels": levels, **values})
    return cases


def fleiss():
    cases = []
    for _ in range(20):
        ratings = draw(int(rng.integers(2, 7)), int(rng.integers(4, 40)), [1.0, 2.0, 3.0, 4.0], rng.uniform(0.05, 0.9), 0)
        table, _ = aggregate_raters(ratings.T)
        cases.append({"ratings": encode(ratings), "fleiss": float(fleiss_kappa(table))})
    return cases


def gwet():
    cases = []
    for _ in range(20):
        ratings = draw(int(rng.integers(2, 6)), int(rng.integers(6, 40)), [1.0, 2.0, 3.0], rng.uniform(0.05, 0.9),
                       rng.choice([0, 0.3]))
        # Without the categories irrCAC counts a hole as one more. It also lets items with one rating into the shares
        # of the levels; here they are left out throughout.
        ratings = ratings[:, (~numpy.isnan(ratings)).sum(axis=0) >= 2]
        if ratings.shape[1] < 3:
            continue
        answer = irrCAC.raw.CAC(pandas.DataFrame(ratings.T), categories=[1.0, 2.0, 3.0], digits=12)
        cases.append({"ratings": encode(ratings), "levels": [1.0, 2.0, 3.0],
                      "gwet": float(answer.gwet()["est"]["coefficient_value"]),
                      "raw": float(answer.gwet()["est"]["pa"]), "used": len(numpy.unique(ratings[~numpy.isnan(ratings)]))})
    return [case for case in cases if case.pop("used") == 3]


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        mask = (1 << 64) - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        word = self.state
        word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & mask
        word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & mask
        return word ^ (word >> 31)

    def index(self, bound):
        limit = (1 << 64) - (1 << 64) % bound - 1
        word = self.next()
        while word > limit:
            word = self.next()
        return word % bound


def bootstraps():
    cases = []
    for seed in (1, 7, 20261125):
        ratings = draw(3, 18, [0.0, 0.5, 1.0], 0.5, 0.1)
        ratings = ratings[:, (~numpy.isnan(ratings)).sum(axis=0) >= 2]
        clusters = sorted(rng.integers(10, 17, ratings.shape[1]).tolist())
        exams = sorted(set(clusters))
        generator = SplitMix64(seed)
        figures = []
        for _ in range(400):
            chosen = [exams[generator.index(len(exams))] for _ in exams]
            columns = [column for exam in chosen for column, cluster in enumerate(clusters) if cluster == exam]
            figures.append(alpha(ratings[:, columns], "ordinal"))
        defined = [figure for figure in figures if figure is not None]
        low, high = numpy.quantile(defined, [0.025, 0.975], method="inverted_cdf")
        cases.append({"ratings": encode(ratings), "clusters": clusters, "seed": seed, "resamples": len(figures),
                      "undefined": len(figures) - len(defined), "lower": float(low), "upper": float(high)})
    return cases


def positions():
    cases = []
    for _ in range(15):
        n = int(rng.integers(1, 200))
        left = int(rng.binomial(n, rng.uniform(0.3, 0.8)))
        test = stats.binomtest(left, n)
        wilson = test.proportion_ci(0.95, "wilson")
        cases.append({"left": left, "right": n - left, "ties": int(rng.integers(0, 30)), "p": float(test.pvalue),
                      "lower": float(wilson.low), "upper": float(wilson.high)})
    return cases


golden = {"alphas": alphas(), "kappas": kappas(), "fleiss": fleiss(), "gwet": gwet(), "bootstraps": bootstraps(),
          "positions": positions()}
path = pathlib.Path(__file__).resolve().parent.parent / "EvaluationTests" / "Golden" / "agreement.json"
path.write_text(json.dumps(golden, indent=None, separators=(",", ":")) + "\n")
