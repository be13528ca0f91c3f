"""Writes ../impression-pairs.jsonl and ../few-shot.json from the building blocks; the same bytes on every run.

Run only by the authors of the data, never by the product: `python3 Preferences/authoring/make_pairs.py`.
With --prompts it prints the prompts whose rejected text is a real output of the base model, for base_outputs.py.
Python 3 standard library only.
"""
import argparse
import hashlib
import itertools
import json
import pathlib
import random
import re
import sys

from building_blocks import EXAMS, PLAN, RECOMMENDATIONS
from rejected_texts import content_error, off_style

HERE = pathlib.Path(__file__).resolve().parent
SEED = 20261124
CREATED = "2026-11-24T00:00:00Z"
MONTHS = "January February March April May June July August September October November December".split()
HEADING = "IMPRESSION:"
# The near-copy limits, as Jaccard similarity of the sets of 8-word runs of two prompts.
LIMIT_ACROSS_SPLITS, LIMIT_ALL = 0.5, 0.7
# Drawing again below these keeps the data well away from the limits.
AIM_ACROSS_SPLITS, AIM_ALL = 0.25, 0.4
WORDS = (40, 60)


def expand(text, rng, values):
    """Draws one of the alternatives in every group, then fills the numbers and the named values."""
    group = re.compile(r"\(([^()]*)\)")
    while group.search(text):
        text = group.sub(lambda m: rng.choice(m.group(1).split("|")), text, count=1)

    def fill(match):
        name = match.group(1)
        if name[:2] in ("n:", "d:"):
            low, high = name[2:].split("-")
            if name[0] == "n":
                return str(rng.randint(int(low), int(high)))
            return "%.1f" % (rng.randint(round(float(low) * 10), round(float(high) * 10)) / 10)
        if name == "side":
            return rng.choice(["left", "right"])
        return values[name]

    text = re.sub(r"\{([^}]*)\}", fill, text)
    text = re.sub(r"\ba (?=(8\d|11|18)-year)", "an ", text)
    return re.sub(r" +", " ", text).strip().replace(" .", ".")


def capital(text):
    return text[:1].upper() + text[1:]


def article(noun):
    return "an" if re.match(r"(8|11|18)\b|8\d|[aeiou]", noun) else "a"


def with_form(form, noun):
    return article(noun) + " " + noun if form == "a" else noun


class Finding:
    """A finding drawn from its building block: the impression's line and the sentence of the findings."""

    def __init__(self, block, rng, values):
        self.kind, self.urgency, self.negated = block["kind"], block["urgency"], block["negated"]
        self.block, self.unseen = block, block["unseen"]
        form, head, place, measure = rng.choice(block["variants"])
        self.form = form
        self.head, self.place = expand(head, rng, values), expand(place, rng, values)
        self.measure = expand(measure, rng, values)
        self.line = capital(" ".join(x for x in (self.measure, self.head, self.place) if x)) + "."
        self.recommendation = block["recommendation"]
        self.organ = rng.choice(block["organs"])
        if self.kind == "meniscal_tear":
            self.organ = "medial_meniscus" if "medial" in self.place else "lateral_meniscus"
        # A nodule of the thyroid also replaces the normal sentence of its lobe.
        named = {"right", "left", "isthmus"} & set(self.place.split()) if "texture" in block["organs"] else set()
        self.replaces = set(block["organs"]) | named
        if block["threshold"] is not None:
            number, unit = self.measure.split()
            assert float(number) * (10 if unit == "cm" else 1) >= block["threshold"], self.line

    def sentence(self, rng, prior):
        """The finding in one of the frames that findings are dictated in; the impression drops the frame."""
        noun = " ".join(x for x in (self.measure, self.head) if x)
        full = with_form(self.form, noun)
        place = (" " + self.place) if self.place else ""
        be = "are" if self.form == "many" else "is"
        frames = ["There %s %s%s." % (be, full, place)] * 2
        frames += ["Note is made of %s%s." % (full, place), "The study shows %s%s." % (full, place)]
        frames += ["%s%s %s %s." % (capital(full), place, be, verb) for verb in ("seen", "noted", "present", "identified")]
        if self.place.split(" ")[0] in ("in", "at", "along", "behind", "on"):
            frames += ["%s %s %s%s." % (capital(full), be, verb, place) for verb in ("seen", "noted", "present")]
            frames += ["%s, there %s %s." % (capital(self.place), be, full)] * 2
        if self.measure:
            bare = with_form(self.form, self.head)
            frames += ["There is %s%s measuring %s." % (bare, place, self.measure)] * 2
            frames += ["%s%s measures %s." % (capital(bare), place, self.measure)]
        if prior and self.urgency >= 3:
            frames += ["Redemonstrated %s %s%s." % (be, full, place)] * 2
            frames += ["Again seen %s %s%s." % (be, full, place)]
        return rng.choice(frames)


class Case:
    """One synthetic patient, examination and report."""

    def __init__(self, number, exam, split, primary, seed):
        rng = random.Random(seed)
        self.number, self.exam, self.split = number, exam, split
        self.data = EXAMS[exam]
        side = rng.choice(["left", "right"])
        self.values = {"exam_side": side, "Exam_side": side.capitalize()}
        self.name = expand(self.data["name"], rng, self.values)
        self.normal_line = expand(self.data["normal"], rng, self.values)
        self.choose_findings(rng, primary)
        self.write(rng)

    def blocks(self, unseen):
        return [b for b in self.data["findings"] if unseen or not b["unseen"]]

    def choose_findings(self, rng, primary):
        self.findings = []
        if primary == "normal":
            return
        by_kind = {b["kind"]: b for b in self.data["findings"]}
        self.findings.append(Finding(by_kind[primary], rng, self.values))
        wanted = rng.choices([1, 2, 3], [0.42, 0.40, 0.18])[0]
        pool = self.blocks(False)
        for _ in range(12):
            if len(self.findings) >= wanted:
                break
            block = rng.choice([b for b in pool for _ in range(1 if b["recommendation"] else 3)])
            extra = Finding(block, rng, self.values)
            taken = {f.organ for f in self.findings} | {f.kind for f in self.findings}
            nodules = any("nodule" in f.kind for f in self.findings) and "nodule" in extra.kind
            advice = {f.recommendation for f in self.findings + [extra] if f.recommendation}
            if extra.organ in taken or extra.kind in taken or nodules or len(advice) > 1:
                continue
            self.findings.append(extra)

    def write(self, rng):
        """The report's text: each finding takes the place of the normal sentence of its organ."""
        replaced = set().union(*(f.replaces for f in self.findings))
        organs = [o for o in self.data["organs"] if o not in replaced]
        rng.shuffle(organs)
        dated = rng.random() < 0.5
        prior = "None" if not dated else capital(expand(self.data["prior"], rng, self.values))
        if dated:
            prior += rng.choice([" from {m} {y}", " dated {m} {d}, {y}", ", {m} {y}"]).format(
                m=rng.choice(MONTHS), y=rng.randint(2019, 2025), d=rng.randint(1, 28))
        elif rng.random() < 0.4:
            prior += " available"
        head = "Indication: %s\nComparison: %s.\nFindings: " % (
            expand(rng.choice(self.data["indications"]), rng, self.values), prior)
        sentences = [f.sentence(rng, dated) for f in self.findings]
        target = rng.randint(*WORDS)
        for count, organ in enumerate(organs):
            if count >= 2 and len((head + " ".join(sentences)).split()) >= target - 4:
                break
            sentences.append(expand(rng.choice(self.data["organs"][organ]), rng, self.values))
        rng.shuffle(sentences)
        self.sentences = sentences
        self.text = head + " ".join(sentences)
        self.prompt = "Write the impression of this %s report in house style.\n\n%s" % (self.name, self.text)
        ordered = sorted(self.findings, key=lambda f: f.urgency)
        self.lines = [f.line for f in ordered] or [self.normal_line]
        self.recommendation = next((f.recommendation for f in ordered if f.recommendation), None)
        self.ordered = ordered

    def items(self):
        return self.lines + ([RECOMMENDATIONS[self.recommendation]] if self.recommendation else [])

    def chosen(self):
        return house_style(self.items())


def house_style(items):
    return HEADING + "\n" + "\n".join("%d. %s" % (i + 1, item) for i, item in enumerate(items))


def shingles(text):
    words = re.findall(r"[a-z0-9.]+", text.lower())
    return {tuple(words[i:i + 8]) for i in range(len(words) - 7)}


def similarity(a, b):
    return len(a & b) / len(a | b)


def plan():
    """The cases to write, as (exam, split, first kind), in an order that mixes the exams."""
    wanted = []
    for exam, text in PLAN.items():
        for entry in text.split(","):
            kind, counts = entry.split()
            train, held_out = map(int, counts.split("/"))
            wanted += [(exam, "train", kind)] * train + [(exam, "held_out", kind)] * held_out
    random.Random(SEED).shuffle(wanted)
    return [w for w in wanted if w[1] == "train"] + [w for w in wanted if w[1] == "held_out"]


def write_cases():
    """All cases, each drawn anew until it is no near-copy of an earlier one."""
    cases, known = [], []
    for number, (exam, split, kind) in enumerate(plan(), 1):
        for attempt in itertools.count():
            case = Case(number, exam, split, kind, "%d/%d/%d" % (SEED, number, attempt))
            runs = shingles(case.prompt)
            near = [(similarity(runs, r), c) for c, r in zip(cases, known)]
            if all(s < (AIM_ALL if c.split == split else AIM_ACROSS_SPLITS) for s, c in near):
                break
        cases.append(case)
        known.append(runs)
    return cases, known


def rejected_kinds(cases):
    """Content errors and off-style drafts in turn; every third draft is a real output of the base model."""
    kinds, drafts = {}, 0
    for case in cases:
        if case.number % 2 == 0:
            kinds[case.number] = "content_error"
        else:
            kinds[case.number] = "base_output" if drafts % 3 == 1 else "off_style"
            drafts += 1
    return kinds


def digest(prompt):
    return hashlib.sha256(prompt.encode()).hexdigest()


def record(case, kind, rejected):
    return {
        "id": "syn-%04d" % case.number, "patient": "P%04d" % case.number, "exam": "E%04d" % case.number,
        "modality": case.data["modality"], "body_part": case.data["body_part"], "source": "synthetic",
        "reviewer": "house-style", "created": CREATED, "split": case.split, "rejected_kind": kind,
        "finding_kinds": [f.kind for f in case.ordered], "unseen_kind": any(f.unseen for f in case.findings),
        "findings": case.text,
        "prompt": [{"role": "user", "content": case.prompt}],
        "chosen": [{"role": "assistant", "content": case.chosen()}],
        "rejected": [{"role": "assistant", "content": rejected}],
    }


def few_shot(cases):
    """Three short training cases: a normal one, one with two findings, one with a recommendation."""
    train = sorted((c for c in cases if c.split == "train"), key=lambda c: (len(c.prompt), c.number))
    tests = [lambda c: not c.findings and c.exam == "us_abdomen",
             lambda c: len(c.findings) == 2 and not c.recommendation and c.exam == "mr_knee",
             lambda c: len(c.findings) == 1 and c.recommendation == "chest_radiograph"]
    picked = [next(c for c in train if test(c)) for test in tests]
    return {"source": "synthetic", "examples": [
        {"id": "syn-%04d" % c.number,
         "messages": [{"role": "user", "content": c.prompt}, {"role": "assistant", "content": c.chosen()}]}
        for c in picked]}


def statistics(cases, known, records, errors):
    train = [c for c in cases if c.split == "train"]
    across = max(similarity(a, b) for x, a in zip(cases, known) for y, b in zip(cases, known)
                 if x.split == "train" and y.split == "held_out")
    everywhere = max(similarity(a, b) for a, b in itertools.combinations(known, 2))
    count = lambda values: dict(sorted(((v, values.count(v)) for v in set(values)), key=lambda p: (-p[1], str(p[0]))))
    report = {
        "cases": {"train": len(train), "held_out": len(cases) - len(train)},
        "normal": {s: sum(not c.findings for c in cases if c.split == s) for s in ("train", "held_out")},
        "unseen kinds, held out": sum(r["unseen_kind"] for r in records),
        "findings a case": count([len(c.findings) for c in cases]),
        "exams": count([c.exam for c in cases]),
        "rejected": {s: count([r["rejected_kind"] for r in records if r["split"] == s]) for s in ("train", "held_out")},
        "content errors": count(errors),
        "recommendations, train": count([c.recommendation for c in train if c.recommendation]),
        "recommendations, held out": count([c.recommendation for c in cases if c.recommendation and c.split != "train"]),
        "kinds, train": count([f.kind for c in train for f in c.findings]),
        "words of the findings text": [min(len(c.text.split()) for c in cases), max(len(c.text.split()) for c in cases)],
        "greatest 8-word similarity": {"train to held out": round(across, 3), "any two cases": round(everywhere, 3)},
    }
    print(json.dumps(report, indent=1))
    seen = {f.kind for c in train for f in c.findings}
    lacking = {f.kind for c in cases for f in c.findings if not f.unseen} - seen
    checks = {
        "near copies across splits": across < LIMIT_ACROSS_SPLITS, "near copies": everywhere < LIMIT_ALL,
        "kinds marked seen are seen": not lacking, "kinds marked unseen are not": not any(
            f.unseen for c in train for f in c.findings),
        "recommendations have ten cases": min(report["recommendations, train"].values()) >= 10
        and len(report["recommendations, train"]) == len(RECOMMENDATIONS),
        "distinct texts": all(r["chosen"] != r["rejected"] for r in records),
    }
    return [name for name, holds in checks.items() if not holds]


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--prompts", action="store_true", help="print the prompts for base_outputs.py and stop")
    options = arguments.parse_args()
    cases, known = write_cases()
    kinds = rejected_kinds(cases)
    if options.prompts:
        for case in cases:
            if kinds[case.number] == "base_output":
                print(json.dumps({"id": "syn-%04d" % case.number, "prompt": case.prompt}))
        return
    outputs = {o["prompt_sha256"]: o["output"] for o in json.loads((HERE / "base_outputs.json").read_text())["outputs"]}
    records, errors, used = [], [], {}
    for case in cases:
        kind, rng = kinds[case.number], random.Random("%d/rejected/%d" % (SEED, case.number))
        if kind == "base_output":
            if digest(case.prompt) not in outputs:
                sys.exit("base_outputs.json lacks case %d: run base_outputs.py again" % case.number)
            rejected = outputs[digest(case.prompt)]
        elif kind == "content_error":
            stated = [f.kind for f in case.findings]
            absent = [b for b in case.blocks(False) if not b["recommendation"] and b["kind"] not in stated]
            other = Finding(rng.choice(absent), rng, case.values) if absent else None
            error, items = content_error(case, other, used, rng)
            errors.append(error)
            rejected = house_style(items)
        else:
            rejected = off_style(case, used, rng)
        records.append(record(case, kind, rejected))
    failures = statistics(cases, known, records, errors)
    if failures:
        sys.exit("not written: " + "; ".join(failures))
    lines = [json.dumps(r, ensure_ascii=True) for r in records]
    (HERE.parent / "impression-pairs.jsonl").write_text("\n".join(lines) + "\n")
    (HERE.parent / "few-shot.json").write_text(json.dumps(few_shot(cases), indent=2) + "\n")


if __name__ == "__main__":
    main()
