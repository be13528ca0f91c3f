"""Reads Overread's exports with the programs that they are for: check_exports.py FOLDER.

FOLDER holds trl.jsonl, argilla.json and export.csv of one snapshot, all with provenance. Argilla's own client and
Python's csv module must find in theirs what stands in trl.jsonl. Prints the counts, or fails.
"""

import csv
import json
import sys
from pathlib import Path

from argilla import Record


def main():
    folder = Path(sys.argv[1])
    lines = (folder / "trl.jsonl").read_text(encoding="utf-8").split("\n")
    pairs = [json.loads(line) for line in lines if line]

    records = [Record.from_dict(item) for item in json.loads((folder / "argilla.json").read_text(encoding="utf-8"))]
    assert len(records) == len(pairs)
    for record, pair in zip(records, pairs):
        response = record.responses["preference"][0]
        assert response.status.value == "submitted" and record.id == pair["id"]
        better, worse = (record.fields[name] for name in response.value)
        assert [record.fields["prompt"], better, worse] == [pair[name] for name in ("prompt", "chosen", "rejected")]

    with open(folder / "export.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert len(rows) == len(pairs)
    for row, pair in zip(rows, pairs):
        read = json.loads if row["form"] == "messages" else str
        for name in ("prompt", "chosen", "rejected"):
            assert read(row[name]) == pair[name], name
        assert row["id"] == pair["id"]
    print(f"{len(pairs)} pairs agree in Argilla's client and Python's csv module")


if __name__ == "__main__":
    main()
