"""Things that go wrong, made on purpose with real servers and real workers; each row says what was lost and doubled.

`./dev faults` runs the whole matrix and writes its table into docs/reliability.md; `./test` runs every row, shorter.
"""
