"""Compares verdicts and alerts of a chain with those of one machine: FILE.sqlite, then HOST PORT
DATABASE.

Of a verdict what was judged is compared: point, rule, factor, period and time of the value;
edition, outcome, value, level and reasons. When and how often it was judged may differ. Of alerts
those of exceedance are compared, which follow from the values alone: the others hang on the clock.
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

ALERTS = """SELECT kind, point, factor, opened_at, severity, last_at, closed_at, count, last_value,
    worst_value, bound, close_reason, evidence FROM alert WHERE kind = 'exceedance'"""


def plain(cell):
    return bytes(cell) if isinstance(cell, (bytes, bytearray, memoryview)) else cell


def main():
    one = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
    many = pg8000.native.Connection(
        "lucid", host=sys.argv[2], port=int(sys.argv[3]), database=sys.argv[4])
    for name, query in SAME.items():
        if sorted(one.execute(query)) != sorted(tuple(row) for row in many.run(query)):
            sys.exit(f"the {name} of the two are not the same: they are two cities")
    verdicts = compared("verdicts", one.execute(VERDICTS), many.run(VERDICTS), 5)
    alerts = compared("alerts", one.execute(ALERTS), many.run(ALERTS), 4)
    outcomes = len({cells[1] for cells in verdicts.values()})
    print(f"{len(verdicts)} verdicts of {outcomes} outcomes are the same, with their reasons, "
          f"and {len(alerts)} alerts of exceedance")


def compared(what, one, many, keys):
    """What both hold, by the first cells of each row; the end where they differ or hold nothing."""
    here, there = ({tuple(row[:keys]): tuple(map(plain, row[keys:])) for row in rows}
                   for rows in (one, many))
    wrong = [f"{key}: one machine {here.get(key)}, the chain {there.get(key)}"
             for key in sorted(here.keys() | there.keys()) if here.get(key) != there.get(key)]
    for line in wrong[:5]:
        print(line, file=sys.stderr)
    if wrong:
        sys.exit(f"{len(wrong)} of {len(here)} {what} differ")
    if not here:
        sys.exit(f"there are no {what}, so nothing was compared")
    return here



if __name__ == "__main__":
    main()
