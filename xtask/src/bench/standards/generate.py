"""Writes a year of hours of 1,700 stations in 340 cities as CSV and Parquet.

Argument 1: the UCI data set 501 as CSV (12 stations of Beijing, 2013 to 2017, CC BY 4.0).
Argument 2: the folder to write into. Argument 3: the number of stations.
Each made station is a real station-year of hours, shifted in time and scaled a little, with the
gaps of the original.
"""
import sys
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

source, folder, stations = sys.argv[1], sys.argv[2], int(sys.argv[3])
real = pd.read_csv(source, na_values=[" ", "NA"], skipinitialspace=True, low_memory=False)
names = {"SO2": "so2", "NO2": "no2", "CO": "co", "O3": "o3", "PM10": "pm10", "PM2.5": "pm25"}
years = []
for _, one in real.groupby("station"):
    block = one[list(names)].to_numpy(dtype=float)
    for start in range(0, 35040, 8760):
        years.append(block[start:start + 8760])
random = np.random.default_rng(20260301)
hours = pd.date_range("2025-01-01 01:00", periods=8760, freq="h")
tables = []
for number in range(stations):
    block = np.roll(years[number % len(years)], int(random.integers(0, 8760)), axis=0)
    block = np.round(block * random.uniform(0.7, 1.1), 0)
    columns = {
        "station": pa.array([f"{number + 1000}A"] * 8760),
        "city": pa.array([f"city{number // 5:03d}"] * 8760),
        "time": pa.array(hours.to_numpy().astype("datetime64[s]")),
    }
    for place, name in enumerate(names.values()):
        values = block[:, place]
        if name == "co":
            values = np.round(values / 1000, 1)
        columns[name] = pa.array(values, mask=np.isnan(values))
    tables.append(pa.table(columns))
table = pa.concat_tables(tables)
pq.write_table(table, f"{folder}/hours.parquet", compression="zstd")
text = table.set_column(2, "time", pa.array(np.tile(hours.strftime("%Y-%m-%d %H:%M"), stations)))
pacsv.write_csv(text, f"{folder}/hours.csv", pacsv.WriteOptions(quoting_style="none"))
print(table.num_rows)
