"""Hours of stations to years of cities in DuckDB. Arguments: input, output."""
import sys
import duckdb

source, result = sys.argv[1], sys.argv[2]
POLLUTANTS = ["so2", "no2", "pm10", "pm25", "co"]
HIGHEST = {"so2": 150, "no2": 80, "pm10": 150, "pm25": 75, "co": 4, "o3": 160}
SHARES = [("so2", 98), ("no2", 98), ("pm10", 95), ("pm25", 95), ("co", 95), ("o3", 90)]

means = ",\n".join(f"case when count({n}) >= 20 then avg({n}) end as {n}" for n in POLLUTANTS)
cities = ",\n".join(
    f"case when count({n}) >= ceil(any_value(stations) * 0.75) then round(avg({n}), 6) end as {n}"
    for n in [*POLLUTANTS, "o3"]
)
years = ",\n".join(
    [f"avg({n}) as {n}_mean" for n in ["so2", "no2", "pm10", "pm25"]]
    + [f"quantile_cont({n}, {share / 100}) as {n}_p{share}" for n, share in SHARES]
)
valid = " and ".join(f"{n} is not null" for n in HIGHEST)
good = " and ".join(f"{n} <= {limit}" for n, limit in HIGHEST.items())
duckdb.sql(f"""
copy (
  -- An hour is labelled by its end: midnight belongs to the day before.
  with hours as (
    select *, (time - interval 1 hour)::date as day, hour(time - interval 1 hour) + 1 as label
    from '{source}'
  ),
  moving as (
    select *, case when count(o3) over eight >= 6 then avg(o3) over eight end as o3_8h
    from hours
    window eight as (partition by station order by time rows 7 preceding)
  ),
  days as (
    select city, station, day, {means},
      count(o3_8h) filter (label >= 8) as windows, max(o3_8h) filter (label >= 8) as largest,
      case when windows >= 14 or largest > 160 then largest end as o3
    from moving group by city, station, day
  ),
  known as (select city, count(distinct station) as stations from days group by city),
  city_days as (
    select city, day, {cities} from days join known using (city) group by city, day
  )
  select city, {years},
    count(*) filter ({valid}) as aqi_days, count(*) filter ({valid} and {good}) as good_days
  from city_days group by city order by city
) to '{result}'
""")
