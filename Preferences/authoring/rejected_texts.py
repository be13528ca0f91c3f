"""The rejected texts: drafts that break the house style, and house-style texts with one content error."""
import re

from building_blocks import RECOMMENDATIONS

ABBREVIATIONS = [
    (r"\bleft\b", "L"), (r"\bright\b", "R"), (r"\bbilateral\b", "b/l"), (r"\bwith\b", "w/"), (r"\bwithout\b", "w/o"),
    (r"\bconsistent with\b", "c/w"), (r"\bfollow-up\b", "f/u"), (r"\bRecommend\b", "Rec"), (r"\bfracture\b", "fx"),
    (r"\bacute\b", "ac."), (r"\bmoderate\b", "mod"), (r"\babdominal aortic aneurysm\b", "AAA"),
    (r"\bpulmonary embolus\b", "PE"), (r"\bsubdural hematoma\b", "SDH"), (r"\banterior cruciate ligament\b", "ACL"),
]


def abbreviated(text):
    for pattern, short in ABBREVIATIONS:
        text = re.sub(pattern, short, text)
    return re.sub(r"(\d) (mm|cm)\b", r"\1\2", text)


def lower(text):
    return text[:1].lower() + text[1:] if not re.match(r"[A-Z][A-Z0-9]", text) else text


def bare(text):
    return text.rstrip(".")


# Each draft takes the case and a random source and returns the text; all break at least one rule of the house style.
def prose(case, rng):
    body = " There is also ".join(lower(bare(x)) for x in case.lines)
    body = body.replace(" There is also ", ". There is also ")
    return "Impression: %s %s. %s" % (rng.choice(["There is", "The study demonstrates", "Findings are of"]), body, rng.choice([
        "Clinical correlation recommended.", "Please correlate clinically.", "Clinical correlation is advised."]))


def bullets(case, rng):
    mark = rng.choice(["-", "*", "\u2022"])
    return rng.choice(["IMP:", "Impression", "CONCLUSION:", "Summary:"]) + "\n" + "\n".join(
        "%s %s" % (mark, bare(x)) for x in case.items())


def shorthand(case, rng):
    lines = [abbreviated(bare(x)) for x in case.items()]
    if all(a == bare(b) for a, b in zip(lines, case.items())):
        lines[0] = "R/O other pathology. " + lines[0]
    return "IMPRESSION:\n" + "\n".join("%d) %s" % (i + 1, x) for i, x in enumerate(lines))


def hedged(case, rng):
    lines = ["%s %s." % (rng.choice(["Possible", "Cannot exclude", "Findings may represent", "Probable"]), lower(bare(x)))
             for x in case.lines]
    return "IMPRESSION:\n" + "\n".join("%d. %s" % (i + 1, x) for i, x in enumerate(lines)) + rng.choice([
        "\nClinical correlation recommended.", "\nFollow up as clinically indicated.", ""])


def findings_dump(case, rng):
    sentences = case.sentences[: rng.randint(3, 4)]
    return rng.choice(["FINDINGS: ", "IMPRESSION: ", ""]) + " ".join(sentences)


def restated(case, rng):
    lines = list(dict.fromkeys([s for s in case.sentences if re.match(r"There|.* (is|are) (seen|noted|present)", s)]
                               + case.sentences))[: max(2, len(case.findings))]
    return "IMPRESSION:\n" + "\n".join("%d. %s" % (i + 1, x) for i, x in enumerate(lines))


def dictated(case, rng):
    items = case.items()
    words = [" ".join(["number %s" % "one two three four five".split()[i], lower(bare(x)), "period"])
             for i, x in enumerate(items)]
    return "impression colon " + " new line ".join(words)


def unnumbered(case, rng):
    return "\n".join(bare(x) if rng.random() < 0.7 else x for x in case.items()) + rng.choice(["", "\n\nThank you."])


def placeholders(case, rng):
    lines = case.items()
    return "IMPRESSION:\n" + "\n".join("%d. %s" % (i + 1, x) for i, x in enumerate(lines)) + rng.choice([
        "\n%d. [ ] Compared with ___." % (len(lines) + 1), "\n[Radiologist name]", "\n*** Follow-up: XXX."])


def assistant(case, rng):
    return rng.choice(["Sure, here is the impression:\n", "Here is the impression in house style:\n", "Based on the report, I think the impression is:\n"]) \
        + " ".join(case.items())


def pointer(case, rng):
    return rng.choice(["IMPRESSION:\n1. As above.\n2. %s", "Impression: See findings. %s", "IMPRESSION: As described above. %s"]) % (
        rng.choice(["Clinical correlation recommended.", "Correlate clinically.", "Follow-up as clinically indicated."]))


def run_on(case, rng):
    body = ", ".join([lower(bare(x)) for x in case.lines] + [lower(bare(s)) for s in case.sentences[:1]])
    return "IMPRESSION: " + body[:1].upper() + body[1:]


DRAFTS = [prose, bullets, shorthand, hedged, findings_dump, restated, dictated, unnumbered, placeholders, assistant,
          pointer, run_on]


def off_style(case, used, rng):
    """A realistic draft that breaks the house style; the kinds of draft are used equally often."""
    least = min(used.get(d, 0) for d in DRAFTS)
    draft = rng.choice([d for d in DRAFTS if used.get(d, 0) == least])
    used[draft] = used.get(draft, 0) + 1
    return draft(case, rng)


SIDES = {"left": "right", "right": "left", "Left": "Right", "Right": "Left", "bilateral": "left"}


def change_once(items, indices, pattern, replacement):
    """The items with the first match of the pattern replaced in one of the items, or None."""
    for i in indices:
        changed, count = re.subn(pattern, replacement, items[i], count=1)
        if count and changed != items[i]:
            return items[:i] + [changed] + items[i + 1:]
    return None


def wrong_side(case, items, indices, other, rng):
    return change_once(items, indices, r"\b([Ll]eft|[Rr]ight|bilateral)\b", lambda m: SIDES[m.group(1)])


def wrong_number(case, items, indices, other, rng):
    def number(match):
        text = match.group(1)
        if "." in text:
            tenths = round(float(text) * 10)
            return "%.1f%s" % (rng.choice([t for t in (tenths + 9, tenths * 2, tenths + 14, tenths - 5) if t > 3 and t != tenths]) / 10, match.group(2))
        value = int(text)
        return "%d%s" % (rng.choice([v for v in (value + 3, value * 2, value + 6, value - 2) if v > 1 and v != value]), match.group(2))

    changed = change_once(items, indices, r"(\d+(?:\.\d+)?)( mm| cm)", number)
    if changed:
        return changed
    levels = {"L2-L3": "L3-L4", "L3-L4": "L4-L5", "L4-L5": "L5-S1", "L5-S1": "L4-L5"}
    return change_once(items, indices, r"\bL\d-[LS]\d\b", lambda m: levels[m.group(0)])


def dropped(case, items, indices, other, rng):
    if not case.findings:
        return None
    if len(case.lines) == 1:
        return [case.normal_line]
    gone = rng.choice([i for i in indices if not case.ordered[i].recommendation] or indices)
    return items[:gone] + items[gone + 1:]


def invented(case, items, indices, other, rng):
    if other is None:
        return None
    if not case.findings:
        return [other.line]
    place = rng.randint(0, len(case.lines))
    return items[:place] + [other.line] + items[place:]


def negated(case, items, indices, other, rng):
    if not case.findings:
        return None
    i = rng.choice(indices)
    return items[:i] + [case.ordered[i].negated] + items[i + 1:]


def repeated(case, items, indices, other, rng):
    i = rng.randrange(len(items))
    return items[:i + 1] + items[i:i + 1] + items[i + 1:]


def wrong_recommendation(case, items, indices, other, rng):
    if not case.findings:
        return None
    others = [text for key, text in RECOMMENDATIONS.items() if key != case.recommendation]
    return items[:len(case.lines)] + [rng.choice(others)]


def missing_recommendation(case, items, indices, other, rng):
    return items[:-1] if case.recommendation else None


ERRORS = [wrong_side, wrong_number, dropped, invented, negated, repeated, wrong_recommendation, missing_recommendation]


def content_error(case, other, used, rng):
    """The name of one content error and the items with it; the rarest so far among those that fit comes first."""
    indices = list(range(len(case.lines))) if case.findings else []
    rng.shuffle(indices)
    fitting = []
    for error in ERRORS:
        items = error(case, case.items(), indices, other, rng)
        if items and items != case.items():
            fitting.append((used.get(error, 0), ERRORS.index(error), error, items))
    _, _, error, items = min(fitting, key=lambda f: f[:2])
    used[error] = used.get(error, 0) + 1
    return error.__name__, items
