"""InfluxDB and VictoriaMetrics: a tenth of the outlets, since they take a point at a time.
Arguments: the folder, then NAME=PROGRAM for each that is there."""
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request

import duckdb
from common import *

OUTLETS = 30
TIMEOUT = 120


def lines_of(workload, where, flag):
    """The rows as line protocol in a file."""
    source = os.path.join(FOLDER, f"{workload}.parquet")
    path = os.path.join(FOLDER, "lines.txt")
    field = lambda name: f"""coalesce('{name}=' || "{name}"::double || ',', '')"""
    fields = " || ".join(field(name) for name in ["value", "min", "max", "sum"])
    flags = "|| 'flag=\"' || flag || '\",'" if flag else ""
    duckdb.sql(f"""copy (select 'm,o=' || outlet || ',f=' || factor || ',p=' || period || ' ' ||
        {fields} {flags} || 'marks=' || marks || ' ' || epoch(observed_at)::bigint
        from '{source}' where {where})
        to '{path}' (header false, delimiter '\x07', quote '')""")
    return path


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def call(address, body=None):
    with urllib.request.urlopen(urllib.request.Request(address, data=body), timeout=TIMEOUT) as got:
        return got.read()


def started(command, address):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        try:
            call(address)
            return process
        except OSError:
            time.sleep(0.1)
    process.kill()
    raise SystemExit(f"{command[0]} does not answer after 20 s")


def send(path, address):
    """Sends the lines in pieces; gives how many and the seconds."""
    count, begun = 0, time.perf_counter()
    with open(path, "rb") as file:
        while piece := file.read(1 << 21):
            piece += file.readline()
            count += piece.count(b"\n")
            call(address, piece)
    seconds = time.perf_counter() - begun
    os.remove(path)
    return count, seconds


class Influx:
    name = "InfluxDB"

    def __init__(self, program):
        self.place = os.path.join(FOLDER, "influxdb")
        shutil.rmtree(self.place, ignore_errors=True)
        os.makedirs(self.place)
        self.port, rpc = free_port(), free_port()
        settings = os.path.join(self.place, "influxdb.conf")
        with open(settings, "w") as file:
            file.write(f"""reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
dir = "{self.place}/meta"
[data]
dir = "{self.place}/data"
wal-dir = "{self.place}/wal"
index-version = "tsi1"
cache-snapshot-write-cold-duration = "2s"
compact-full-write-cold-duration = "2s"
[http]
bind-address = "127.0.0.1:{self.port}"
log-enabled = false
max-body-size = 0
[monitor]
store-enabled = false
[logging]
level = "error"
""")
        self.process = started([program, "-config", settings], f"{self.address()}/ping")
        self.query("create database d")

    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def write_address(self):
        return f"{self.address()}/write?db=d&precision=s"

    def query(self, text):
        asked = urllib.parse.urlencode({"q": text, "db": "d", "epoch": "s"})
        return json.loads(call(f"{self.address()}/query?{asked}", b""))["results"][0]

    def settle(self):
        """Waits until what was written has been compacted."""
        before = -1
        for _ in range(60):
            time.sleep(1)
            now = size(os.path.join(self.place, "data")) + size(os.path.join(self.place, "wal"))
            if now == before:
                break
            before = now
        return now

    def ask(self, peer):
        def spanned(span):
            return f"time >= {span[0]}s and time < {span[1]}s"

        def series(found):
            values = found["series"][0]["values"]
            return [len(values), sum(row[1] for row in values)]

        one = ('select "value", "min", "max", "sum", flag from m where o = \'%d\' and f = \'%d\' and '
               % (OUTLET, FACTOR))
        for name, period, span in [("month of hours", 2, MONTH), ("year of hours", 2, YEAR),
                                   ("day of minutes", 1, DAY)]:
            text = f"{one} p = '{period}' and {spanned(span)}"
            peer.ask(name, lambda: self.query(text), series)

        def means(found):
            rows = [row for part in found["series"] for row in part["values"]]
            return [len(rows), sum(row[1] for row in rows)]

        peer.ask("daily means, one factor, a tenth of the outlets",
                 lambda: self.query(
                     f'select mean("value") from m where p = \'2\' and f = \'{CITY_FACTOR}\' and '
                     f"{spanned(YEAR)} group by o, time(1d, -8h) fill(none)"), means, runs=2)


class Victoria:
    name = "VictoriaMetrics"

    def __init__(self, program):
        self.place = os.path.join(FOLDER, "victoria")
        shutil.rmtree(self.place, ignore_errors=True)
        self.port = free_port()
        self.process = started(
            [program, f"-storageDataPath={self.place}", f"-httpListenAddr=127.0.0.1:{self.port}",
             "-retentionPeriod=100y", "-search.maxPointsPerTimeseries=100000",
             "-search.disableCache"],
            f"{self.address()}/health")

    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def write_address(self):
        return f"{self.address()}/write?precision=s"

    def settle(self):
        call(f"{self.address()}/internal/force_flush")
        call(f"{self.address()}/internal/force_merge")
        before = -1
        for _ in range(60):
            time.sleep(2)
            now = size(self.place)
            if now == before:
                break
            before = now
        return now

    def ask(self, peer):
        def exported(span, period):
            asked = urllib.parse.urlencode({
                "match[]": f'm_value{{o="{OUTLET}",f="{FACTOR}",p="{period}"}}',
                "start": span[0], "end": span[1] - 1})
            return lambda: call(f"{self.address()}/api/v1/export?{asked}")

        def series(found):
            values = [value for line in found.splitlines() for value in json.loads(line)["values"]]
            return [len(values), sum(values)]

        for name, period, span in [("month of hours", 2, MONTH), ("year of hours", 2, YEAR),
                                   ("day of minutes", 1, DAY)]:
            peer.ask(name, exported(span, period), series)
        # A window ends with its last second and holds what came after its first.
        asked = urllib.parse.urlencode({
            "query": f'avg_over_time(m_value{{f="{CITY_FACTOR}",p="2"}}[1d])',
            "start": YEAR[0] + 86399, "end": YEAR[1] - 1, "step": "1d"})

        def means(found):
            parts = json.loads(found)["data"]["result"]
            rows = [float(value) for part in parts for _, value in part["values"]]
            return [len(rows), sum(rows)]

        peer.ask("daily means, one factor, a tenth of the outlets",
                 lambda: call(f"{self.address()}/api/v1/query_range?{asked}"), means, runs=2)


CONFIGURATION = {
    "InfluxDB": f"one point a factor-row, outlet, factor and period as tags, {OUTLETS} outlets",
    "VictoriaMetrics": f"five series a factor, without flag and time of receipt, {OUTLETS} outlets",
}
peers = []
for pair in sys.argv[2:]:
    name, _, program = pair.partition("=")
    kind = {"influxdb": Influx, "victoria": Victoria}[name]
    version = os.environ.get(f"VERSION_{name.upper()}", "")
    peer = Peer(kind.name, version, CONFIGURATION[kind.name])
    for workload, where in [("plausible", "true"), ("large", f"outlet < {OUTLETS}")]:
        engine = kind(program)
        try:
            path = lines_of(workload, where, flag=kind is Influx)
            count, seconds = send(path, engine.write_address())
            peer.loaded(workload, count, engine.settle(), seconds)
            if workload == "large":
                engine.ask(peer)
        finally:
            engine.process.terminate()
            engine.process.wait(30)
            shutil.rmtree(engine.place, ignore_errors=True)
    peers.append(peer)
write(peers, "series")
