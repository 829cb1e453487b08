"""ClickHouse in the process (chDB): MergeTree, decimals, differences and zstd. Argument: the folder."""
import io
import os
import shutil
import time

import chdb
import pyarrow.ipc
from chdb import session
from common import *

SCALES = {"large": 3, "plausible": 6}


def load(peer, workload, place):
    shutil.rmtree(place, ignore_errors=True)
    engine = session.Session(place)
    source = os.path.join(FOLDER, f"{workload}.parquet")
    number = f"Nullable(Decimal64({SCALES[workload]})) CODEC(Delta, ZSTD(3))"
    engine.query("create database d engine = Atomic")
    engine.query(f"""
        create table d.t (outlet Int16, factor Int16, period Int8,
            observed_at DateTime('UTC') CODEC(DoubleDelta, ZSTD(3)),
            value {number}, min {number}, max {number}, sum {number},
            flag LowCardinality(String) CODEC(ZSTD(3)), marks Int32 CODEC(ZSTD(3)),
            received_ms Int64 CODEC(Delta, ZSTD(3)), version Int16 CODEC(ZSTD(3)))
        engine = MergeTree order by (period, outlet, factor, observed_at)""")
    started = time.perf_counter()
    engine.query(f"""
        insert into d.t select outlet, factor, period, toDateTime(observed_at), value, min, max, sum,
            flag, marks, received_ms, version from file('{source}', Parquet)""")
    engine.query("optimize table d.t final")
    seconds = time.perf_counter() - started
    found = engine.query("select sum(rows), sum(bytes_on_disk) from system.parts where active and "
                         "database = 'd' and table = 't'", "CSV")
    rows, byte_count = (int(cell) for cell in str(found).strip().split(","))
    peer.loaded(workload, rows, byte_count, seconds)
    return engine


def ask(peer, engine):
    def fetch(text):
        return lambda: engine.query(text, "ArrowStream").bytes()

    def table(found):
        return pyarrow.ipc.open_stream(io.BytesIO(found)).read_all()

    def series(found):
        column = table(found)["value"]
        return [len(column), float(sum(value.as_py() for value in column))]

    stream = ("select observed_at, value, min, max, sum, flag, marks from d.t where "
              f"outlet = {OUTLET} and factor = {FACTOR} and period = ")
    order = " order by observed_at"
    peer.ask("month of hours", fetch(f"{stream} 2 and {within(MONTH)}{order}"), series)
    peer.ask("year of hours", fetch(f"{stream} 2 and {within(YEAR)}{order}"), series)
    peer.ask("day of minutes", fetch(f"{stream} 1 and {within(DAY)}{order}"), series)
    days = ("select outlet, factor, toDate(observed_at + 28800, 'UTC') as day, avg(value) as mean, "
            f"count(value) as counted from d.t where period = 2 and {within(YEAR)} ")
    group = " group by outlet, factor, day"

    def means(found):
        column = table(found)["mean"].to_numpy()
        return [len(column), float(column.sum())]

    peer.ask("daily means, one factor", fetch(f"{days} and factor = {CITY_FACTOR} {group}"), means)
    peer.ask("daily means, all factors", fetch(f"{days} {group}"), means)

    def percentiles(found):
        column = table(found)["p"].to_numpy()
        return [len(column), float(column.sum())]

    peer.ask(
        "percentiles, one factor",
        fetch("select outlet, quantileExactInclusive(0.95)(toFloat64(value)) as p from d.t where "
              f"period = 2 and factor = {CITY_FACTOR} and {within(YEAR)} group by outlet"),
        percentiles)
    peer.ask(
        "exceedances, all factors",
        fetch(f"select count(value) as counted, countIf(toFloat64(value) > {limit_of()}) as over "
              f"from d.t where period = 2 and flag = 'N' and {within(YEAR)}"),
        lambda found: [table(found)["counted"][0].as_py(), table(found)["over"][0].as_py()])
    for name, form in [("CSV", "CSVWithNames"), ("Parquet", "Parquet")]:
        path = os.path.join(FOLDER, "chdb-export")

        def export():
            if os.path.exists(path):
                os.remove(path)
            engine.query("select outlet, factor, observed_at, value, min, max, sum, flag from d.t "
                         f"where period = 1 and {within(DAY)} into outfile '{path}' format {form}")

        peer.ask(f"export a day of minutes, {name}", export,
                 lambda _: [int(str(engine.query(
                     f"select count() from file('{path}', {form})", "CSV")).strip())], runs=2)
        os.remove(path)


peer = Peer("ClickHouse (chDB)", chdb.__version__,
            "MergeTree, decimals, Delta and ZSTD(3), optimized")
place = os.path.join(FOLDER, "chdb")
load(peer, "plausible", place).close()
engine = load(peer, "large", place)
ask(peer, engine)
engine.close()
shutil.rmtree(place, ignore_errors=True)
write([peer], "chdb")
