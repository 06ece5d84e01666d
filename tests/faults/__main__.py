"""`./dev faults`: the whole matrix in full, its table into docs/reliability.md; with --short as `./test` runs it.

`./dev faults F2 F7` runs some rows, and writes nothing.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.faults.ground import Row
from tests.faults.matrix import cases, run
from tests.support import servers

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"


def table(rows: list[Row]) -> str:
    lines = ["| # | fault | database | letters | lost | doubled | |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| {one.number} | {one.fault} | {one.engine} | {one.letters} | {one.lost} | {one.doubled} | {one.note} |"
        for one in rows
    ]
    return "\n".join(lines)


def main() -> None:
    short, rows = "--short" in sys.argv, []
    wanted = [one for one in sys.argv[1:] if one != "--short"]
    with servers.postgres(durable=True) as postgres:
        for fault, engine in cases(short=short):
            if wanted and not any(fault.name.startswith(one) for one in wanted):
                continue
            began = time.monotonic()
            row = run(fault, engine, postgres, full=not short)
            rows.append(row)
            print(f"{row.number:4} {row.fault:45} {row.engine:9} letters {row.letters:4} lost {row.lost} "
                  f"doubled {row.doubled}  ({time.monotonic() - began:.0f} s)  {row.note}", flush=True)  # fmt: skip
    if not wanted:
        before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        PAGE.write_text(f"{before}{BEGIN}\n{table(rows)}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
