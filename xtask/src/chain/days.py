"""Writes a year of days of stations as Parquet: FILE STATIONS.

Every value follows from station, day and pollutant, so that two calls write the same table. Five
stations are a city; one value in fifty is missing.
"""

import sys
from datetime import date, timedelta

import numpy
import pyarrow
import pyarrow.parquet

MEANS = {"so2": (8, 0), "no2": (25, 0), "pm10": (60, 0), "pm25": (35, 0), "co": (0.8, 1), "o3_8h": (110, 0)}


def main():
    file, stations = sys.argv[1], int(sys.argv[2])
    random = numpy.random.Generator(numpy.random.PCG64(663))
    days = [date(2025, 1, 1) + timedelta(days=count) for count in range(365)]
    columns = {
        "station": pyarrow.array([f"{1000 + number}A" for number in range(stations) for _ in days]),
        "city": pyarrow.array([f"city{number // 5:03d}" for number in range(stations) for _ in days]),
        "date": pyarrow.array(days * stations, pyarrow.date32()),
    }
    for name, (mean, decimals) in MEANS.items():
        values = numpy.round(mean * random.uniform(0.4, 1.9, stations * len(days)), decimals)
        missing = random.uniform(size=len(values)) < 0.02
        columns[name] = pyarrow.array(values, mask=missing)
    pyarrow.parquet.write_table(pyarrow.table(columns), file, row_group_size=100_000)


if __name__ == "__main__":
    main()
