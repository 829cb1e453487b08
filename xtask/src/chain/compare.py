"""Compares every verdict of a chain with that of one machine: FILE.sqlite, then HOST PORT DATABASE.

What is compared is what was judged: point, rule, factor, period and time of the value; edition,
outcome, value, level and reasons of the verdict. When and how often it was judged may differ.
"""

import sqlite3
import sys

import pg8000.native

SAME = {
    "points": "SELECT id, kind, code FROM monitoring_point",
    "factors": "SELECT id, code FROM factor",
}
VERDICTS = """SELECT point, rule, factor, period, observed_at, edition, outcome, value, level, reasons
    FROM verdict"""


def plain(cell):
    return bytes(cell) if isinstance(cell, (bytes, bytearray, memoryview)) else cell


def main():
    one = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
    many = pg8000.native.Connection(
        "lucid", host=sys.argv[2], port=int(sys.argv[3]), database=sys.argv[4])
    for name, query in SAME.items():
        if sorted(one.execute(query)) != sorted(tuple(row) for row in many.run(query)):
            sys.exit(f"the {name} of the two are not the same: they are two cities")
    of_one, of_many = ({tuple(row[:5]): tuple(map(plain, row[5:])) for row in rows}
                       for rows in (one.execute(VERDICTS), many.run(VERDICTS)))
    wrong = []
    for key in sorted(of_one.keys() | of_many.keys()):
        here, there = of_one.get(key), of_many.get(key)
        if here != there:
            wrong.append(f"{key}: one machine {here}, the chain {there}")
    for line in wrong[:5]:
        print(line, file=sys.stderr)
    if wrong:
        sys.exit(f"{len(wrong)} of {len(of_one)} verdicts differ")
    if not of_one:
        sys.exit("nothing was judged, so nothing was compared")
    print(f"{len(of_one)} verdicts are the same, {len({key[1] for key in of_one})} rules, "
          f"{len({cells[1] for cells in of_one.values()})} outcomes")


if __name__ == "__main__":
    main()
