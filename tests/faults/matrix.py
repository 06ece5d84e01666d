"""The whole matrix: which fault runs on which ground, with how many letters, short or in full."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.faults import clocks, databases, letters
from tests.faults.ground import Ground, Row, ground
from tests.support.servers import PostgresServer

Faulty = Callable[..., Row]
BOTH, LITE, PG = ("sqlite", "postgres"), ("sqlite",), ("postgres",)


@dataclass(frozen=True)
class Fault:
    """`short` and `full` are what the fault is called with; `needs`: a queue, or a database server to be broken.

    `also`: the engine of the short run, in `./test`; `./dev faults` runs it on each.
    """

    name: str
    run: Faulty
    engines: tuple[str, ...]
    short: dict[str, Any]
    full: dict[str, Any]
    needs: str = ""
    may_double: int = 0
    also: tuple[str, ...] = PG


def _fault(
    name: str,
    run: Faulty,
    engines: tuple[str, ...] = BOTH,
    *,
    short: dict[str, Any],
    full: dict[str, Any],
    needs: str = "",
    may_double: int = 0,
    also: tuple[str, ...] = PG,
    **same: Any,
) -> Fault:
    return Fault(name, run, engines, {**short, **same}, {**full, **same}, needs, may_double, also)


FEW, MANY = {"letters": 8}, {"letters": 60}
FAULTS = (
    _fault("F2 killed", letters.killed, short={"letters": 24, "kills": 2, "workers": 2},
           full={"letters": 300, "kills": 40}, needs="queue", may_double=40),
    _fault("F3 frozen before DATA", letters.frozen, short=FEW, full=MANY, needs="queue", also=PG,
           after_the_dot=False),
    _fault("F3 frozen after the dot", letters.frozen, short=FEW, full=MANY, needs="queue", may_double=1, also=LITE,
           after_the_dot=True),
    _fault("F4 lost job", letters.lost_job, LITE, short=FEW, full=MANY, needs="queue"),
    *(_fault(f"F5 {how}", letters.redis_dies, LITE, short={"letters": 24, "workers": 1},
             full={"letters": 200}, needs="queue", how=how)
      for how in ("killed", "emptied", "gone", "full")),
    _fault("F7 restarted", databases.restarted, PG, short={"letters": 30, "restarts": 3, "workers": 1},
           full={"letters": 300, "restarts": 20}, needs="database", may_double=40),
    _fault("F8 cut off", databases.cut_off, PG, short={"letters": 30, "cuts": 4, "workers": 1},
           full={"letters": 300, "cuts": 100}, needs="database", may_double=100),
    _fault("F8 down", databases.down, PG, short={"letters": 20, "seconds": 3, "workers": 1},
           full={"letters": 100, "seconds": 120}, needs="database", may_double=4),
    _fault("F9 writers killed", databases.writers_killed, LITE, short={"kills": 3}, full={"kills": 100}),
    _fault("F11 no room", databases.no_room, LITE, short=FEW, full=MANY),
    *(_fault(f"F12 {code}", letters.refuses_for_now, short=FEW, full=MANY, code=code, also=LITE)
      for code in ("421", "450")),
    *(_fault(f"F13 {code}", letters.refuses_for_good, LITE, short=FEW, full=MANY, code=code)
      for code in ("550", "552", "554")),
    *(_fault(f"F14 silent {where}", letters.hangs, LITE, short={"letters": 4}, full={"letters": 20}, where=where,
             may_double=1)
      for where in ("at the banner", "after DATA", "after the last dot", "between two bytes")),
    _fault("F15 half closed", letters.half_closes, short=FEW, full=MANY, may_double=1, also=PG),
    _fault("F16 away", letters.away, short={"letters": 25}, full={"letters": 200}, also=LITE),
    _fault("F17 clocks", clocks.jumps, short={"which": list(clocks.JUMPS)[:1]}, full={"which": list(clocks.JUMPS)},
           needs="queue", also=PG),
    _fault("F18 many sweeps", letters.many_sweeps, short={**FEW, "sweeps": 4}, full=MANY, also=PG),
    _fault("F27 removed", letters.removed, LITE, short=FEW, full=MANY),
)  # fmt: skip


def cases(*, short: bool) -> Iterator[tuple[Fault, str]]:
    for fault in FAULTS:
        for engine in fault.engines:
            if engine in fault.also or fault.engines == LITE or not short:
                yield fault, engine


def run(fault: Fault, engine: str, postgres: PostgresServer, *, full: bool) -> Row:
    """Make the ground, break the thing, count; nothing is ever lost, and doubled only where nobody could know."""
    with contextlib.ExitStack() as stack:
        more: dict[str, Any] = {}
        redis = None
        if fault.needs:
            redis = letters.RedisServer()
            stack.callback(redis.stop)
        if fault.run is letters.redis_dies:
            more["server"] = redis
        if fault.needs == "database":
            more["postgres"] = postgres
        made: Ground = stack.enter_context(ground(engine, postgres, redis.url if redis else ""))
        try:
            row = fault.run(made, **more, **(fault.full if full else fault.short))
        except Exception as error:
            error.add_note(made.log.read_text(errors="replace")[-3_000:] if made.log.exists() else "")
            raise
        assert row.lost == 0, f"lost: {row}\n{made.log.read_text(errors='replace')[-3_000:]}"
        assert row.doubled <= fault.may_double, f"doubled: {row}"
        return row
