"""Hours of stations to years of cities in Polars. Arguments: input, output."""
import sys
import polars as pl

source, result = sys.argv[1], sys.argv[2]
POLLUTANTS = ["so2", "no2", "pm10", "pm25", "co"]
HIGHEST = {"so2": 150, "no2": 80, "pm10": 150, "pm25": 75, "co": 4, "o3": 160}

if source.endswith(".parquet"):
    hours = pl.scan_parquet(source)
else:
    hours = pl.scan_csv(source).with_columns(
        pl.col("time").str.to_datetime("%Y-%m-%d %H:%M"), pl.col([*POLLUTANTS, "o3"]).cast(pl.Float64)
    )
# An hour is labelled by its end: midnight belongs to the day before.
start = pl.col("time").dt.offset_by("-1h")
hours = hours.with_columns(
    date=start.dt.date(),
    label=start.dt.hour() + 1,
    o3_8h=pl.col("o3").rolling_mean(8, min_samples=6).over("station"),
)
late = pl.col("o3_8h").filter(pl.col("label") >= 8)
days = hours.group_by("city", "station", "date").agg(
    *[pl.when(pl.col(name).count() >= 20).then(pl.col(name).mean()).alias(name) for name in POLLUTANTS],
    pl.when((late.count() >= 14) | (late.max() > 160)).then(late.max()).alias("o3"),
)
names = [*POLLUTANTS, "o3"]
all_stations = hours.group_by("city").agg(stations=pl.col("station").n_unique())
city_days = (
    days.join(all_stations, on="city")
    .group_by("city", "date")
    .agg(
        pl.when(pl.col(name).count() >= (pl.col("stations").first() * 0.75).ceil())
        .then(pl.col(name).mean().round(6))
        .alias(name)
        for name in names
    )
)
valid = pl.all_horizontal(pl.col(name).is_not_null() for name in names)
good = pl.all_horizontal(pl.col(name) <= limit for name, limit in HIGHEST.items())
shares = [("so2", 98), ("no2", 98), ("pm10", 95), ("pm25", 95), ("co", 95), ("o3", 90)]
table = city_days.group_by("city").agg(
    *[pl.col(name).mean().alias(f"{name}_mean") for name in ["so2", "no2", "pm10", "pm25"]],
    *[
        pl.col(name).quantile(share / 100, interpolation="linear").alias(f"{name}_p{share}")
        for name, share in shares
    ],
    valid.sum().alias("aqi_days"),
    (valid & good).sum().alias("good_days"),
)
table.sort("city").collect(engine="streaming").write_csv(result)
