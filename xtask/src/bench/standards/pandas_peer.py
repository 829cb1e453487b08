"""Hours of stations to years of cities in pandas. Arguments: input, output."""
import sys
import numpy as np
import pandas as pd

source, result = sys.argv[1], sys.argv[2]
POLLUTANTS = ["so2", "no2", "pm10", "pm25", "co"]
HIGHEST = {"so2": 150, "no2": 80, "pm10": 150, "pm25": 75, "co": 4, "o3": 160}

if source.endswith(".parquet"):
    hours = pd.read_parquet(source)
else:
    hours = pd.read_csv(source, parse_dates=["time"])
# An hour is labelled by its end: midnight belongs to the day before.
start = hours["time"] - pd.Timedelta(hours=1)
hours["date"] = start.dt.floor("D")
hours["label"] = start.dt.hour + 1
stations = hours.groupby(["city", "station", "date"], sort=False)
days = stations[POLLUTANTS].mean()
days = days.where(stations[POLLUTANTS].count() >= 20)
rolling = hours.groupby("station", sort=False)["o3"].rolling(8, min_periods=6).mean()
hours["o3_8h"] = rolling.reset_index(level=0, drop=True)
late = hours[hours["label"] >= 8].groupby(["city", "station", "date"], sort=False)["o3_8h"]
largest, windows = late.max(), late.count()
days["o3"] = largest.where((windows >= 14) | (largest > 160))
all_stations = hours.groupby("city")["station"].nunique()
cities = days.groupby(["city", "date"])
enough = np.ceil(all_stations * 0.75).reindex(cities.size().index, level="city")
city_days = cities.mean().where(cities.count().ge(enough, axis=0)).round(6)
city = city_days.groupby("city")
table = pd.DataFrame(index=all_stations.index.sort_values())
for name in ["so2", "no2", "pm10", "pm25"]:
    table[f"{name}_mean"] = city[name].mean()
for name, share in [("so2", 98), ("no2", 98), ("pm10", 95), ("pm25", 95), ("co", 95), ("o3", 90)]:
    table[f"{name}_p{share}"] = city[name].quantile(share / 100)
judged = city_days.dropna()
is_good = np.logical_and.reduce([judged[name] <= limit for name, limit in HIGHEST.items()])
table["aqi_days"] = judged.groupby("city").size()
table["good_days"] = judged[is_good].groupby("city").size()
table.fillna({"good_days": 0, "aqi_days": 0}).to_csv(result)
