"""Plugins that go wrong in every way we know."""

from __future__ import annotations

HEAD = """
import os, sys, threading, time
from govflow.plugin import Check, hookimpl, met, unmet

def fine(case):
    return met("All is well.")

{body}

@hookimpl
def register_checks():
    return [Check(slug="{slug}", title="A check", why="Because.", judge=judge),
            Check(slug="zz_fine", title="A fine check", why="Because.", judge=fine)]
"""
EVIL = {
    "raises": "def judge(case): raise RuntimeError('no')",
    "exits": "def judge(case): raise SystemExit(3)",
    "is_gone": "def judge(case): os._exit(0)",
    "loops": "def judge(case):\n    while True: pass",
    "sleeps": "def judge(case): time.sleep(60)",
    "eats": "def judge(case): return met('x' * len([bytearray(1 << 30) for _ in range(3)]))",
    "recurses": "def judge(case): return judge(case)",
    "says_nothing": "def judge(case): return None",
    "says_other": "def judge(case): return 'met'",
    "says_much": "def judge(case): return met('x' * 10_000_000)",
    "prints": 'def judge(case):\n    print(\'{"done": "no"}\'); sys.stdout.flush(); return None',
    "closes": "def judge(case):\n    os.closerange(0, 64); return met('x')",
    "leaves_a_thread": (
        "def judge(case):\n    threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start(); return met('x')"
    ),
    "ignores_signals": (
        "def judge(case):\n    import signal\n    for one in (15, 2, 1): signal.signal(one, signal.SIG_IGN)\n"
        "    while True: pass"
    ),
    "says_broken": "def judge(case):\n    from govflow.domain.gates.checks import broken; return broken('mine')",
}
