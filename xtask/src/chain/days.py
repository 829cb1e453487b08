"""Writes a year of days of stations, or of their hours, as Parquet: FILE STATIONS days|hours.

The numbers come from a generator with a fixed beginning, so that two calls write the same table.
Five stations are a city; one value in fifty is missing.
"""

import sys
import numpy
import pyarrow
import pyarrow.parquet

MEANS = {
    "so2": (8, 0), "no2": (25, 0), "pm10": (60, 0), "pm25": (35, 0), "co": (0.8, 1), "o3_8h": (110, 0),
}


def main():
    file, stations, is_hours = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "hours"
    random = numpy.random.Generator(numpy.random.PCG64(663))
    if is_hours:
        # Beijing time, an hour by its end.
        begin = numpy.datetime64("2025-01-01T01:00:00", "s")
        times = begin + numpy.arange(365 * 24) * numpy.timedelta64(3600, "s")
        name, kind = "time", pyarrow.timestamp("s")
    else:
        times = numpy.datetime64("2025-01-01", "D") + numpy.arange(365)
        name, kind = "date", pyarrow.date32()
    writer = None
    for first in range(0, stations, 50):
        numbers = range(first, min(first + 50, stations))
        rows = len(numbers) * len(times)
        columns = {
            "station": pyarrow.array([f"{1000 + number}A" for number in numbers for _ in times]),
            "city": pyarrow.array([f"city{number // 5:03d}" for number in numbers for _ in times]),
            name: pyarrow.array(numpy.tile(times, len(numbers)), kind),
        }
        for pollutant, (mean, decimals) in MEANS.items():
            values = numpy.round(mean * random.uniform(0.4, 1.9, rows), decimals)
            missing = random.uniform(size=rows) < 0.02
            title = "o3" if is_hours and pollutant == "o3_8h" else pollutant
            columns[title] = pyarrow.array(values, mask=missing)
        table = pyarrow.table(columns)
        if writer is None:
            writer = pyarrow.parquet.ParquetWriter(file, table.schema)
        writer.write_table(table)
    writer.close()


if __name__ == "__main__":
    main()
