"""DuckDB: its own tables with doubles and with decimals, and Lucid's files of history as they are.
Argument: the folder."""
import glob
import os
import time

import duckdb
from common import *

COLUMNS = ("outlet::SMALLINT outlet, factor::SMALLINT factor, period::TINYINT period, observed_at, "
           "{numbers}, flag, marks, received_ms, version::SMALLINT \"version\"")


def load(peer, database, workload, kind):
    source = os.path.join(FOLDER, f"{workload}.parquet")
    numbers = ", ".join(f'"{name}"::{kind} "{name}"' for name in ["value", "min", "max", "sum"])
    if os.path.exists(database):
        os.remove(database)
    connection = duckdb.connect(database)
    connection.execute("set threads = 2; set preserve_insertion_order = true")
    started = time.perf_counter()
    connection.execute(f"create table t as select {COLUMNS.format(numbers=numbers)} from '{source}' "
                   "order by period, outlet, factor, observed_at")
    connection.execute("checkpoint")
    seconds = time.perf_counter() - started
    rows = connection.execute("select count(*) from t").fetchone()[0]
    peer.loaded(workload, rows, size(database), seconds)
    return connection


def ask(peer, connection):
    def fetch(text):
        return lambda: connection.execute(text).fetchnumpy()

    def series(found):
        return [len(found["value"]), float(found["value"].sum())]

    stream = ('select observed_at, "value", "min", "max", "sum", flag, marks from t where '
              f"outlet = {OUTLET} and factor = {FACTOR} and period = ")
    order = " order by observed_at"
    peer.ask("month of hours", fetch(f"{stream} 2 and {within(MONTH)}{order}"), series)
    peer.ask("year of hours", fetch(f"{stream} 2 and {within(YEAR)}{order}"), series)
    peer.ask("day of minutes", fetch(f"{stream} 1 and {within(DAY)}{order}"), series)
    days = ('select outlet, factor, (observed_at + interval 8 hour)::date as day, avg("value") as '
            f'mean, count("value") as counted from t where period = 2 and {within(YEAR)} ')

    def means(found):
        return [len(found["mean"]), float(found["mean"].astype(float).sum())]

    peer.ask("daily means, one factor",
             fetch(f"{days} and factor = {CITY_FACTOR} group by all"), means)
    peer.ask("daily means, all factors", fetch(f"{days} group by all"), means)
    peer.ask(
        "percentiles, one factor",
        fetch('select outlet, quantile_cont("value"::double, 0.95) as p from t where period = 2 and '
              f"factor = {CITY_FACTOR} and {within(YEAR)} group by all"),
        lambda found: [len(found["p"]), float(found["p"].astype(float).sum())])
    peer.ask(
        "exceedances, all factors",
        fetch(f'select count("value") as counted, count(*) filter ("value" > {limit_of()}) as over '
              f"from t where period = 2 and flag = 'N' and {within(YEAR)}"),
        lambda found: [int(found["counted"][0]), int(found["over"][0])])
    for name, ending, how in [("CSV", "csv", "header"), ("Parquet", "parquet",
                                                         "compression zstd, compression_level 1")]:
        path = os.path.join(FOLDER, f"duckdb-export.{ending}")
        peer.ask(
            f"export a day of minutes, {name}",
            lambda: connection.execute(
                f'copy (select outlet, factor, observed_at, "value", "min", "max", "sum", flag '
                f"from t where period = 1 and {within(DAY)}) to '{path}' ({how})"),
            lambda _: [connection.execute(f"select count(*) from '{path}'").fetchone()[0]], runs=2)
        os.remove(path)


def ask_files(peer):
    """Lucid's files, without Lucid."""
    connection = duckdb.connect()
    connection.execute("set threads = 2; set TimeZone = 'UTC'")
    place = os.path.join(FOLDER, "lucid", "history", "values", "period=hour", "**", "*.parquet")
    assert glob.glob(place, recursive=True), place
    city_factor = LARGE["factors"][CITY_FACTOR]
    point, factor = LARGE["points"][OUTLET], LARGE["factors"][FACTOR]
    begins, ends = instant(MONTH[0]), instant(MONTH[1])
    peer.ask(
        "month of hours",
        lambda: connection.execute(
            f'select observed_at, "value" / 10 ** "scale" as "value", flag from \'{place}\' where '
            f"point = {point} and factor = {factor} and observed_at >= '{begins}+00' and "
            f"observed_at < '{ends}+00' order by observed_at").fetchnumpy(),
        lambda found: [len(found["value"]), float(found["value"].sum())])
    days = ("select point, factor, (observed_at + interval 8 hour)::date as day, "
            'avg("value" / 10 ** "scale") as mean, count("value") as counted '
            f"from '{place}' ")

    def means(found):
        return [len(found["mean"]), float(found["mean"].sum())]

    peer.ask("daily means, one factor",
             lambda: connection.execute(f"{days} where factor = {city_factor} group by all").fetchnumpy(),
             means)
    peer.ask("daily means, all factors",
             lambda: connection.execute(f"{days} group by all").fetchnumpy(), means)


peers = []
for kind, name in [("DOUBLE", "DuckDB, doubles"), ("DECIMAL(12,3)", "DuckDB, decimals")]:
    peer = Peer(name, duckdb.__version__, "own file, sorted by series and time, 2 threads")
    database = os.path.join(FOLDER, "duckdb.db")
    plausible = kind if kind == "DOUBLE" else "DECIMAL(18,6)"
    load(peer, database, "plausible", plausible).close()
    connection = load(peer, database, "large", kind)
    ask(peer, connection)
    connection.close()
    os.remove(database)
    peers.append(peer)
files = Peer("DuckDB over Lucid's files", duckdb.__version__, "read_parquet, 2 threads")
ask_files(files)
peers.append(files)
write(peers, "duckdb")
