"""Judges a table on Apache Spark by `lucid evaluate METHOD --arrow-stream`: one code base judges
everywhere.

    spark-submit --master spark://HOST:7077 evaluate.py air-period days.parquet -o years.csv

Each part of the table is piped through a process of `lucid` on the worker that holds it. What a
method must see together (the stations of a city, the days of a station) stands in one part: the
program itself says what that is (`lucid evaluate METHOD --explain --json`). Within a part rows keep
the order of the files, so that results are those of one machine, to the last digit.

The program `lucid` must be on every worker, in the same version (--lucid names it). A result named
`.csv` is one file with its lines in order of their bytes; any other name is a folder of Parquet.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading

# Rows of a batch between Spark and the process: enough that the way is cheap, few megabytes.
ROWS_OF_A_BATCH = "50000"
# How much of what a process says on standard error stands in the message of its end.
LAST_WORDS = 4000
# Columns that keep the order of rows; they are taken out before a part is judged.
ORDER = ["__lucid_file", "__lucid_block", "__lucid_row"]


class Ended(Exception):
    """A process of `lucid` ended otherwise than well."""


def command(lucid, method, options, values):
    return [lucid, "evaluate", method, "--arrow-stream", "--values", values, *options]


def told(lucid, method):
    """What the program says of a method."""
    call = [lucid, "--json", "evaluate", method, "--explain"]
    try:
        done = subprocess.run(call, capture_output=True, text=True, check=False, timeout=60)
    except OSError as error:
        sys.exit(f"{lucid} cannot be started: {error}. Name the program with --lucid.")
    if done.returncode != 0:
        sys.exit(f"{' '.join(call)} ended with {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def bare(title):
    """A title without what does not matter, and without a unit in brackets, as Lucid reads it."""
    name = title.strip()
    if name and name[-1] in ")]）":
        depth = 0
        for place in range(len(name) - 1, -1, -1):
            depth += (name[place] in ")]）") - (name[place] in "([（")
            if depth == 0:
                name = name[:place].strip() or name
                break
    return "".join(letter for letter in name.lower() if letter not in "_-. \ufeff")


def keys(described, titles):
    """The columns of the table whose equal values must stand in one part; None for no matter."""
    together = described["together"]
    if together == []:
        return None
    if together == "all":
        return []
    known = {column["name"]: [column["name"], *column["also"]] for column in described["columns"]}
    wanted = [{bare(name) for name in known[column]} for column in together]
    return [title for names in wanted for title in titles if bare(title) in names]


def how(returncode):
    """How a process ended, in words."""
    if returncode < 0:
        try:
            return f"was ended by {signal.Signals(-returncode).name}"
        except ValueError:
            return f"was ended by signal {-returncode}"
    return f"ended with exit code {returncode}"


def judged(batches, call, kept):
    """Pipes the batches of a part through a process and yields what it gives."""
    import pyarrow
    from pyspark import TaskContext

    context = TaskContext.get()
    part = context.partitionId() if context else 0
    batches = iter(batches)
    first = next(batches, None)
    if first is None:
        return  # A part without rows has nothing to judge.
    try:
        process = subprocess.Popen(
            call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except OSError as error:
        raise Ended(f"part {part}: {call[0]} cannot be started on {os.uname().nodename}: {error}")
    last_words, failed = [], []

    def listen():
        for line in process.stderr:
            last_words.append(line.decode("utf-8", "replace"))
            del last_words[:-200]

    def feed():
        # Both ways at once: the process gives results before it has read all.
        try:
            schema = first.select(kept).schema
            with process.stdin as pipe, pyarrow.ipc.new_stream(pipe, schema) as stream:
                stream.write_batch(first.select(kept))
                for batch in batches:
                    stream.write_batch(batch.select(kept))
        except BrokenPipeError:
            pass  # The process has ended; how it did is told below.
        except BaseException as error:  # pylint: disable=broad-except
            failed.append(error)
            process.kill()  # Without its end mark a stream must not count as whole.

    threads = [threading.Thread(target=work, daemon=True) for work in (listen, feed)]
    for thread in threads:
        thread.start()
    rows, broken = 0, None
    try:
        with pyarrow.ipc.open_stream(process.stdout) as results:
            for batch in results:
                rows += batch.num_rows
                yield batch
    except pyarrow.ArrowInvalid as error:
        broken = error
    except GeneratorExit:
        process.kill()
        raise
    returncode = process.wait()
    for thread in threads:
        thread.join()
    process.stdout.close()
    process.stderr.close()
    if failed:
        raise Ended(f"part {part}: the rows could not be handed over: {failed[0]!r}") from failed[0]
    if returncode != 0 or broken:
        words = "".join(last_words)[-LAST_WORDS:].strip() or "nothing"
        raise Ended(
            f"part {part} on {os.uname().nodename}: `{' '.join(call)}` (process {process.pid}) "
            f"{how(returncode)} after {rows} rows of its result; row numbers are those of the "
            f"part. It said: {words}")


def line(cells):
    """Cells as a line of CSV, as Lucid writes it."""
    quoted = ('"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in ',"\n\r')
              else cell for cell in cells)
    return ",".join(quoted)


def lines(batches):
    import pyarrow

    for batch in batches:
        cells = [["" if cell is None else cell for cell in column.to_pylist()]
                 for column in batch.columns]
        text = [line(row) for row in zip(*cells)]
        yield pyarrow.RecordBatch.from_arrays([pyarrow.array(text, pyarrow.string())], ["line"])


def schema_of_result(call, schema):
    """The columns of the result: the program says them of a table without rows."""
    import pyarrow

    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, schema):
        pass
    done = subprocess.run(call, input=sink.getvalue().to_pybytes(), capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"the table cannot be judged: {done.stderr.decode('utf-8', 'replace').strip()}")
    return pyarrow.ipc.open_stream(done.stdout).schema


def read(spark, files):
    """The files as one table with the order of its rows."""
    from pyspark.sql import functions as column

    if all(name.rstrip("/").endswith((".csv", ".csv.gz")) for name in files):
        # As texts: a guess at types would change what is written.
        table = spark.read.option("header", True).option("quote", '"').option("escape", '"').csv(files)
        row = column.monotonically_increasing_id()
    else:
        table = spark.read.parquet(*files)
        row = column.col("_metadata.row_index")
    titles = table.columns
    table = table.withColumns({
        ORDER[0]: column.col("_metadata.file_path"),
        ORDER[1]: column.col("_metadata.file_block_start"),
        ORDER[2]: row,
    })
    return table, titles


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("method", help="the method: air-day, air-period, surface-water, …")
    parser.add_argument("files", nargs="+", help="Parquet or CSV: files or folders that every worker reads")
    parser.add_argument("-o", "--output", required=True,
                        help="one .csv file on this machine, or a folder of Parquet")
    parser.add_argument("--parts", type=int, default=0,
                        help="into how many parts the table is cut; as many as there are cores")
    parser.add_argument("--lucid", default="lucid", help="the program, on every worker")
    parser.add_argument("--option", action="append", default=[], metavar="OPTION",
                        help="handed to `lucid evaluate`: --option=--on=2026-03-01")
    given = parser.parse_args()

    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession
    from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema
    from pyspark.sql.types import StringType, StructField, StructType

    described = told(given.lucid, given.method)
    spark = (
        SparkSession.builder.appName(f"lucid evaluate {given.method}")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", ROWS_OF_A_BATCH)
        # A time without a zone is Beijing time, and stays what is written.
        .config("spark.sql.session.timeZone", "Asia/Shanghai")
        # As many parts as were asked for.
        .config("spark.sql.adaptive.enabled", "false")
        .getOrCreate())
    spark.sparkContext.setLogLevel("ERROR")
    as_csv = given.output.endswith(".csv")
    try:
        table, titles = read(spark, given.files)
        call = command(given.lucid, given.method, given.option, "text" if as_csv else "typed")
        wanted = schema_of_result(call, to_arrow_schema(table.select(titles).schema))
        parts = given.parts or spark.sparkContext.defaultParallelism
        together = keys(described, titles)
        if together is None:
            table = table.repartition(parts)
        elif together == []:
            table = table.coalesce(1)
        else:
            table = table.repartition(parts, *[table[f"`{title}`"] for title in together])
        table = table.sortWithinPartitions(*ORDER)
        if as_csv:
            one = StructType([StructField("line", StringType())])
            result = table.mapInArrow(lambda rows: lines(judged(rows, call, titles)), one)
            written = write_csv(result.orderBy("line"), wanted.names, given.output)
            print(f"{written} rows in {given.output}")
        else:
            result = table.mapInArrow(
                lambda rows: judged(rows, call, titles), from_arrow_schema(wanted))
            result.write.mode("errorifexists").parquet(given.output)
            print(f"written to {given.output}")
    except (PySparkException, Py4JJavaError) as error:
        # The words of a process stand within those of Spark and Java.
        text = str(error)
        place = text.find("Ended: ")
        sys.exit(text[place:].split("\n\n")[0].split("\n\tat ")[0] if place >= 0 else text)
    finally:
        spark.stop()


def write_csv(result, titles, output):
    """Writes one file; it has its name only when it is whole."""
    part, written = f"{output}.part", 0
    try:
        with open(part, "w", encoding="utf-8", newline="") as file:
            file.write(line(titles) + "\n")
            for row in result.toLocalIterator():
                file.write(row.line + "\n")
                written += 1
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, output)
    except BaseException:
        os.remove(part)
        raise
    return written


if __name__ == "__main__":
    main()
