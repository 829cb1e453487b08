"""Compares years of cities cell by cell. Arguments: the result of Lucid, that of a peer.

A peer's binary number is rounded half to even to the decimals of the standard. Where it stands
within a millionth of a tie, binary numbers cannot say to which side it belongs: counted apart.
"""
import csv
import sys
from decimal import ROUND_HALF_EVEN, Decimal

own = {row["city"]: row for row in csv.DictReader(open(sys.argv[1], encoding="utf-8"))}
peer = {row["city"]: row for row in csv.DictReader(open(sys.argv[2], encoding="utf-8"))}
equal = ties = 0
differences = []
if own.keys() != peer.keys():
    differences.append("other cities")
for city in own.keys() & peer.keys():
    for column, value in peer[city].items():
        if column == "city":
            continue
        step = Decimal("0.1") if column == "co_p95" else Decimal(1)
        exact, wanted = Decimal(value), Decimal(own[city][column])
        if exact.quantize(step, ROUND_HALF_EVEN) == wanted:
            equal += 1
        elif abs(abs(exact - wanted) - step / 2) < Decimal("0.000001"):
            ties += 1
        else:
            differences.append(f"{city} {column}: {wanted} here, {value} there")
print(f"{equal} {ties} {len(differences)}")
for line in differences[:10]:
    print(line, file=sys.stderr)
