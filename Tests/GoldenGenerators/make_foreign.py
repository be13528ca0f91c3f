"""Writes Tests/Fixtures/foreign: files as other programs write preference pairs. All texts are invented.

Needs Python 3.11 with argilla==2.8.0 and requests==2.32.3 in an environment of its own (requirements-foreign.txt).
"""

import csv
import json
from pathlib import Path
from uuid import UUID

from argilla import Record, Response, Suggestion
from argilla.records._io import GenericIO

FOLDER = Path(__file__).parent.parent / "Fixtures" / "foreign"
ONE = UUID("11111111-1111-4111-8111-111111111111")
TWO = UUID("22222222-2222-4222-8222-222222222222")


def record(number, responses, status="completed", **more):
    fields = {
        "prompt": f"Write the impression of case {number}.",
        "response-1": f"Case {number}: no acute finding.",
        "response-2": f"case {number} looks ok",
    }
    metadata = {"patient": f"P{number}", "ward": 3}
    made = Record(id=f"case-{number}", fields=fields, metadata=metadata, responses=responses, **more)
    made._model.status = status  # As the server would have set it.
    return made


def ranking(order, user, status="submitted"):
    return Response("preference", [f"response-{place}" for place in order], user_id=user, status=status)


def argilla_records():
    yield record(1, [ranking([1, 2], ONE)])
    yield record(2, [ranking([2, 1], ONE), ranking([2, 1], TWO)])
    yield record(3, [ranking([1, 2], ONE), ranking([2, 1], TWO)])
    yield record(4, [ranking([1, 2], ONE, "draft")], status="pending")
    yield record(5, [ranking([1, 2], ONE, "discarded"), ranking([2, 1], TWO)])
    yield record(6, [], status="pending", suggestions=[Suggestion("preference", ["response-1", "response-2"], agent="model")])
    yield record(7, [ranking([1, 2], ONE), Response("remark", "Invented.", user_id=ONE, status="submitted")])


ROWS = [
    ["prompt", "chosen", "rejected", "patient"],
    ["plain", "one", "two", "P1"],
    ['say "this", please', "line 1\nline 2", "line 1\r\nline 2", ""],
    [" spaces ", "tab\there", "é e\u0301 \U0001f469\u200d\U0001f52c", "P 3"],
    ['"', ",", '""', "P4"],
]


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, flatten in [("nested", False), ("flattened", True)]:
        listed = GenericIO.to_list(list(argilla_records()), flatten=flatten)
        (FOLDER / f"argilla-{name}.json").write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")
    with open(FOLDER / "python-csv.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(ROWS)
    (FOLDER / "python-csv.json").write_text(json.dumps(ROWS, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
