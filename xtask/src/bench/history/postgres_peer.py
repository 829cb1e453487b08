"""PostgreSQL: one row a value, doubles, a primary key; a tenth of the outlets, since it takes long.
Arguments: the folder, the server's address."""
import os
import time

import duckdb
import psycopg
from common import *


OUTLETS = 30


def load(peer, connection, workload, where):
    source = os.path.join(FOLDER, f"{workload}.parquet")
    text = os.path.join(FOLDER, "postgres.csv")
    duckdb.sql(f"""copy (select outlet, factor, period, observed_at, "value"::double, "min"::double,
        "max"::double, "sum"::double, flag, marks, received_ms, "version" from '{source}'
        where {where}) to '{text}' (header false)""")
    connection.execute("drop table if exists t")
    connection.execute("""create table t (outlet smallint, factor smallint, period smallint,
        observed_at timestamp(0), "value" float8, "min" float8, "max" float8, "sum" float8,
        flag "char", marks int, received_ms bigint, "version" smallint)""")
    started = time.perf_counter()
    with connection.cursor() as cursor, open(text, "rb") as file:
        with cursor.copy("copy t from stdin (format csv)") as copy:
            while piece := file.read(1 << 20):
                copy.write(piece)
    connection.execute("set maintenance_work_mem = '1GB'")
    connection.execute("alter table t add primary key (outlet, factor, period, observed_at)")
    connection.execute("vacuum analyze t")
    seconds = time.perf_counter() - started
    os.remove(text)
    rows, byte_count = connection.execute(
        "select (select count(*) from t), pg_total_relation_size('t')").fetchone()
    peer.loaded(workload, rows, byte_count, seconds)


def ask(peer, connection):
    def fetch(text):
        return lambda: connection.execute(text).fetchall()

    def series(found):
        return [len(found), sum(row[1] for row in found)]

    stream = ('select observed_at, "value", "min", "max", "sum", flag, marks from t where '
              f"outlet = {OUTLET} and factor = {FACTOR} and period = ")
    order = " order by observed_at"
    peer.ask("month of hours", fetch(f"{stream} 2 and {within(MONTH)}{order}"), series)
    peer.ask("year of hours", fetch(f"{stream} 2 and {within(YEAR)}{order}"), series)
    peer.ask("day of minutes", fetch(f"{stream} 1 and {within(DAY)}{order}"), series)
    days = ("select outlet, factor, (observed_at + interval '8 hours')::date as day, avg(\"value\"), "
            f'count("value") from t where period = 2 and {within(YEAR)} ')

    def means(found):
        return [len(found), sum(row[3] for row in found)]

    peer.ask("daily means, one factor, a tenth of the outlets",
             fetch(f"{days} and factor = {CITY_FACTOR} group by 1, 2, 3"), means)


with psycopg.connect(sys.argv[2] + "/postgres", autocommit=True) as connection:
    connection.execute("set work_mem = '256MB'")
    version = connection.execute("show server_version").fetchone()[0]
    buffers = connection.execute("show shared_buffers").fetchone()[0]
    peer = Peer("PostgreSQL", version.split()[0],
                f"narrow, primary key, {OUTLETS} outlets, shared_buffers {buffers}, work_mem 256MB, fsync off")
    load(peer, connection, "plausible", "true")
    load(peer, connection, "large", f"outlet < {OUTLETS}")
    ask(peer, connection)
    connection.execute("drop table t")
write([peer], "postgres")
