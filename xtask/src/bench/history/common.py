"""What the peers of the history benchmark share: the questions, the clock, the results."""
import json
import os
import statistics
import sys
import time

FOLDER = sys.argv[1]
LUCID = json.load(open(os.path.join(FOLDER, "lucid.json")))
LARGE = LUCID["large"]
HOURS, MINUTES = LARGE["hours"], LARGE["minutes"]
OUTLET, FACTOR, CITY_FACTOR = 7, 3, 0
DECIMALS = [2, 1, 1, 2, 3, 1, 0, 2, 1, 3]
LEVELS = [1250, 420, 880, 3100, 4100, 650, 140, 2240, 510, 9700]
LIMITS = [level * 5 // 4 / 10**places for level, places in zip(LEVELS, DECIMALS)]
# Seconds of UTC: a year of Beijing, its first month, a day of minutes.
YEAR = (1735660800, 1735660800 + HOURS * 3600)
MONTH = (YEAR[0], YEAR[0] + min(HOURS, 744) * 3600)
DAY = (1767974400, 1767974400 + min(MINUTES, 1440) * 60)
RUNS = 5


def instant(second):
    """A second of UTC as SQL writes it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(second))


def within(span, column="observed_at"):
    return f"{column} >= '{instant(span[0])}' and {column} < '{instant(span[1])}'"


def limit_of(factor="factor"):
    """The limit of a factor as an SQL expression."""
    cases = " ".join(f"when {place} then {limit}" for place, limit in enumerate(LIMITS))
    return f"case {factor} {cases} end"


def size(path):
    """The bytes of a file or of all files of a folder."""
    if os.path.isfile(path):
        return os.path.getsize(path)
    found = 0
    for folder, _, files in os.walk(path):
        found += sum(os.path.getsize(os.path.join(folder, name)) for name in files)
    return found


class Peer:
    """What one engine in one configuration was found to do."""

    def __init__(self, name, version, configuration):
        self.found = {
            "peer": name, "version": version, "configuration": configuration,
            "bytes": {}, "rows": {}, "load_seconds": {}, "answers": {},
        }

    def loaded(self, workload, rows, byte_count, seconds):
        self.found["rows"][workload] = rows
        self.found["bytes"][workload] = byte_count
        self.found["load_seconds"][workload] = seconds
        print(f"{self.found['peer']}: {workload}: {rows} rows, {byte_count} bytes, "
              f"{byte_count / rows:.2f} a row, {seconds:.1f} s", file=sys.stderr)

    def ask(self, question, work, answer, runs=RUNS):
        """Runs once and then some times; `answer` makes of the last result what is compared."""
        milliseconds = []
        result = None
        for _ in range(runs + 1):
            started = time.perf_counter()
            result = work()
            milliseconds.append((time.perf_counter() - started) * 1000)
        found = answer(result)
        self.found["answers"][question] = {"ms": milliseconds, "answer": found}
        print(f"{self.found['peer']}: {question}: first {milliseconds[0]:.1f}, median "
              f"{statistics.median(milliseconds[1:] or milliseconds):.1f} ms {found}",
              file=sys.stderr)


def write(peers, name):
    """Keeps the raw results."""
    with open(os.path.join(FOLDER, f"{name}.json"), "w") as file:
        json.dump([peer.found for peer in peers], file, indent=1)
