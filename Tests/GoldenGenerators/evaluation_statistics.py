#!/usr/bin/env python3
"""Writes Tests/EvaluationTests/Golden/statistics.json: the peers' answers to random cases.

Made with Python 3.11, scipy 1.17.1 and numpy 2.4.6:

    python3 Tests/GoldenGenerators/evaluation_statistics.py

The clustered standard errors follow the sandwich formula with numpy alone; scipy gives everything else.
"""
import json
import pathlib

import numpy
from scipy import special, stats

rng = numpy.random.default_rng(20261124)


def clean(value):
    return float(value)


def student():
    cases = []
    for _ in range(40):
        df = float(rng.choice([1, 2, 3, 4, 5, 9, 19.5, 44, 142, 999, 25000]))
        p = float(rng.choice([0.6, 0.9, 0.95, 0.975, 0.995, 0.9995, float(rng.uniform(0.51, 0.999))]))
        t = float(rng.uniform(-1, 30) if rng.random() < 0.5 else rng.uniform(-3, 3))
        cases.append({"df": df, "p": p, "quantile": clean(stats.t.ppf(p, df)), "t": t,
                      "upper_tail": clean(stats.t.sf(t, df))})
    return cases


def normal():
    ps = [1e-9, 1e-4, 0.005, 0.025, 0.2, 0.5, 0.8, 0.95, 0.975, 0.999999]
    return [{"p": p, "quantile": clean(stats.norm.ppf(p))} for p in ps]


def binomial():
    cases = []
    for _ in range(40):
        n = int(rng.choice([1, 5, 20, 45, 164, 1000, 20000]))
        p = float(rng.choice([0.5, float(rng.uniform(0.01, 0.99))]))
        k = int(min(n, max(0, round(rng.normal(n * p, 2 * (n * p * (1 - p)) ** 0.5)))))
        cases.append({"n": n, "p": p, "k": k, "cumulative": clean(stats.binom.cdf(k, n, p)),
                      "mass": clean(stats.binom.pmf(k, n, p))})
    return cases


def proportions():
    cases = []
    for _ in range(30):
        n = int(rng.integers(1, 300))
        k = int(rng.integers(0, n + 1)) if rng.random() < 0.7 else int(rng.choice([0, n]))
        test = stats.binomtest(k, n)
        wilson = test.proportion_ci(0.95, "wilson")
        # As quantiles of the beta distribution: scipy's own "exact" interval stops its search at 2e-12.
        exact = (0 if k == 0 else stats.beta.ppf(0.025, k, n - k + 1), 1 if k == n else stats.beta.ppf(0.975, k + 1, n - k))
        cases.append({"k": k, "n": n, "sign_p": clean(test.pvalue), "wilson": [clean(wilson.low), clean(wilson.high)],
                      "clopper_pearson": [clean(v) for v in exact]})
    return cases


def clustered():
    cases = []
    for _ in range(20):
        patients = int(rng.integers(2, 40))
        clusters = numpy.repeat(numpy.arange(patients), rng.integers(1, 5, patients))
        scores = rng.choice([0.0, 0.5, 1.0], len(clusters), p=[0.3, 0.2, 0.5])
        mean = scores.mean()
        if numpy.all(scores == scores[0]):
            continue
        # OLS on a constant: bread 1/n, meat the sum over patients of squared score sums.
        sums = numpy.bincount(clusters, scores - mean, patients)
        cr0 = numpy.sqrt((sums ** 2).sum()) / len(scores)
        cr1 = cr0 * numpy.sqrt(patients / (patients - 1))
        half = stats.t.ppf(0.975, patients - 1) * cr1
        cases.append({"scores": scores.tolist(), "clusters": clusters.tolist(), "mean": clean(mean),
                      "cr0": clean(cr0), "cr1": clean(cr1), "naive": clean(stats.sem(scores)),
                      "lower": clean(mean - half), "upper": clean(mean + half)})
    return cases


def holm():
    cases = []
    for _ in range(6):
        p = rng.uniform(0, 0.2, int(rng.integers(1, 14)))
        order = numpy.argsort(p, kind="stable")
        adjusted = numpy.empty_like(p)
        adjusted[order] = numpy.minimum(1, numpy.maximum.accumulate(p[order] * (len(p) - numpy.arange(len(p)))))
        cases.append({"p": p.tolist(), "adjusted": adjusted.tolist()})
    return cases


def beta():
    cases = []
    for _ in range(40):
        a, b = (float(v) for v in numpy.exp(rng.uniform(-1, 9, 2)))
        x = float(rng.beta(a, b))
        cases.append({"a": a, "b": b, "x": x, "value": clean(special.betainc(a, b, x))})
    return cases


golden = {"student": student(), "normal": normal(), "binomial": binomial(), "proportions": proportions(),
          "clustered": clustered(), "holm": holm(), "beta": beta()}
path = pathlib.Path(__file__).resolve().parent.parent / "EvaluationTests" / "Golden" / "statistics.json"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(json.dumps(golden, indent=None, separators=(",", ":")) + "\n")
