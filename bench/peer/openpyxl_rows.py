"""Peer of the import: what a plain Django project does with a workbook, without any checks."""
import sqlite3
import sys

import openpyxl

workbook, database = sys.argv[1:3]
db = sqlite3.connect(database)
db.execute("DROP TABLE IF EXISTS raw")
db.execute("CREATE TABLE raw (a TEXT, b TEXT, c TEXT, d TEXT, e TEXT, f TEXT)")
rows = openpyxl.load_workbook(workbook, read_only=True).worksheets[0].iter_rows(values_only=True)
padded = ((tuple("" if cell is None else str(cell) for cell in row) + ("",) * 6)[:6] for row in rows)
with db:
    db.executemany("INSERT INTO raw VALUES (?, ?, ?, ?, ?, ?)", padded)
