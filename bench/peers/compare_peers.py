"""DuckDB and Polars on the data of daylight-bench-compare. Needs numpy, pyarrow, duckdb, polars.

prepare DIR            Parquet files and a DuckDB database from the generator's columns (not measured)
arm NAME DIR THREADS   one arm in this process; prints one JSON object
"""

import json
import os
import resource
import sys
import time

# What SQL and the engine compute alike, over the rows that hit.
CHECK = "sum((row * 1000003 + {id}) % 2147483647)"


def prepare(directory):
    import duckdb
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    def path(name):
        return os.path.join(directory, name)

    if os.path.exists(path("peers.done")):
        return
    for table in ("roster", "ledger"):
        days = np.memmap(path(table + ".days"), dtype="<i4", mode="r")
        fen = np.memmap(path(table + ".fen"), dtype="<i8", mode="r")
        packed = np.memmap(path(table + ".u64"), dtype="<u8", mode="r")
        ids = np.memmap(path(table + ".ids"), dtype="S18", mode="r")
        step, rows = 1_000_000, len(days)
        writers = {}
        for first in range(0, rows, step):
            part = slice(first, min(first + step, rows))
            row = pa.array(np.arange(part.start, part.stop, dtype="int64"))
            own = [row, pa.array(days[part]), pa.array(fen[part])]
            text = pa.array(ids[part]).cast(pa.string())
            number = pa.array(packed[part].astype("int64"))
            for kind, column in (("text", text), ("u64", number)):
                batch = pa.table([column, *own], names=["id", "row", "day", "fen"])
                if kind not in writers:
                    writers[kind] = pq.ParquetWriter(path(f"{table}-{kind}.parquet"), batch.schema)
                writers[kind].write_table(batch, row_group_size=122_880)
        for writer in writers.values():
            writer.close()
    with duckdb.connect(path("peers.duckdb")) as db:
        for table in ("roster", "ledger"):
            for kind in ("text", "u64"):
                db.execute(f"create or replace table {table}_{kind} as from '{path(f'{table}-{kind}.parquet')}'")
    open(path("peers.done"), "w").close()


def duckdb_arm(directory, threads, kind, source, warm):
    import duckdb

    file = os.path.join(directory, "peers.duckdb")
    db = duckdb.connect(file, read_only=True, config={"threads": threads})

    def table(name):
        if source == "table":
            return f"{name}_{kind}"
        return f"'{os.path.join(directory, f'{name}-{kind}.parquet')}'"

    number = "cast(substr(l.id, 1, 17) as bigint)" if kind == "text" else "l.id"
    sql = f"""
        with dead as (select id, min(day) as since from {table('roster')} group by id)
        select count(*), sum(fen), {CHECK.format(id=number)}
        from {table('ledger')} l join dead on l.id = dead.id and l.day > dead.since
    """
    if warm:
        db.execute(sql).fetchone()
    return lambda: db.execute(sql).fetchone()


def polars_arm(directory, kind):
    import polars as pl

    def scan(name):
        return pl.scan_parquet(os.path.join(directory, f"{name}-{kind}.parquet"))

    dead = scan("roster").group_by("id").agg(pl.col("day").min().alias("since"))
    number = pl.col("id").str.slice(0, 17).cast(pl.Int64) if kind == "text" else pl.col("id")
    query = (
        scan("ledger")
        .join(dead, on="id", how="inner")
        .filter(pl.col("day") > pl.col("since"))
        .select(
            pl.len(),
            pl.col("fen").sum(),
            ((pl.col("row") * 1000003 + number) % 2147483647).sum().alias("check"),
        )
    )
    return lambda: query.collect(engine="streaming").row(0)


def arm(name, directory, threads):
    if name.startswith("polars"):
        os.environ["POLARS_MAX_THREADS"] = str(threads)
        work = polars_arm(directory, name.split("-")[1])
    else:
        kind = "text" if "text" in name else "u64"
        source = "parquet" if "parquet" in name else "table"
        work = duckdb_arm(directory, threads, kind, source, name.endswith("warm"))
    before = resource.getrusage(resource.RUSAGE_SELF)
    start = time.perf_counter()
    hits, fen, checksum = work()
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    figures = {"hits": int(hits), "fen": int(fen), "checksum": int(checksum)}
    print(json.dumps({**figures, "wall": wall, "cpu": cpu, "peak": after.ru_maxrss / 1024}))


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare(sys.argv[2])
    else:
        arm(sys.argv[2], sys.argv[3], int(sys.argv[4]))
