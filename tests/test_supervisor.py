"""The supervisor starts again what dies and leaves nothing behind, however it ends itself."""

import functools
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue
from rq.job import JobStatus

from govflow.runtime.embedded_redis import redis_command, wait_ready
from govflow.runtime.supervisor import Supervisor, living
from tests.support.servers import alive, wait_until

# A child like an RQ worker: it has a job at work in a group of its own, and both write down who they are.
FAMILY = """
    import os, signal, subprocess, sys, time
    name, stubborn = sys.argv[1], len(sys.argv) > 2
    if stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        name += "-job"
    with open(name + ".new", "w") as mine:
        mine.write(str(os.getpid()))
    os.rename(name + ".new", name)
    time.sleep(600)
"""
PROGRAM = """
    import sys
    from govflow.runtime.supervisor import Supervisor
    with Supervisor(patience=1) as supervisor:
        for name in ("web", "worker"):
            supervisor.start(name, [sys.executable, "-c", sys.argv[1], name, *sys.argv[2:]])
        print("ended by", supervisor.run(), flush=True)
"""


def _hear(numbers: tuple[signal.Signals, ...]) -> None:
    for number in numbers:
        signal.signal(number, signal.SIG_DFL)


class Program:
    """A supervisor in a process of its own, with two such families."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        command = [sys.executable, "-c", textwrap.dedent(PROGRAM), textwrap.dedent(FAMILY), *arguments]
        # A test run under nohup or in the background hands its deafness on, and the supervisor respects it.
        hearing = functools.partial(_hear, (signal.SIGHUP, signal.SIGINT))
        self.process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True, preexec_fn=hearing)
        self.family = ("web", "web-job", "worker", "worker-job")
        wait_until(lambda: all((folder / name).exists() for name in self.family))

    def pid(self, name: str) -> int:
        return int((self.folder / name).read_text())

    def pids(self) -> list[int]:
        return [self.pid(name) for name in self.family]


@pytest.fixture
def start(tmp_path):
    started = []

    def one(*arguments):
        started.append(Program(tmp_path, *arguments))
        return started[-1]

    yield one
    for program in started:
        program.process.kill()
        program.process.communicate()


def test_a_killed_child_is_started_again(start):
    program = start()
    web, worker = program.pid("web"), program.pid("worker")
    os.kill(web, signal.SIGKILL)
    wait_until(lambda: program.pid("web") != web and alive(program.pid("web")))
    assert program.pid("worker") == worker
    assert alive(worker)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_every_child_and_what_it_started(start, number):
    program = start()
    pids = program.pids()
    program.process.send_signal(number)
    said, _ = program.process.communicate(timeout=20)
    assert said.splitlines()[-1] == f"ended by {int(number)}"
    assert program.process.returncode == 0
    assert [pid for pid in pids if alive(pid)] == []


def test_a_child_that_will_not_stop_is_killed(start):
    program = start("stubborn")
    pids = program.pids()
    program.process.terminate()
    program.process.communicate(timeout=20)
    assert [pid for pid in pids if alive(pid)] == []


@pytest.mark.parametrize("stubborn", [(), ("stubborn",)])
def test_a_killed_supervisor_leaves_nothing_behind(start, stubborn):
    program = start(*stubborn)
    pids = program.pids()
    program.process.kill()
    wait_until(lambda: not any(map(alive, pids)), 20)


def test_what_a_dead_child_left_at_work_may_finish_but_is_ended_with_the_rest(start):
    program = start()
    job = program.pid("worker-job")
    worker = program.pid("worker")
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: program.pid("worker") != worker)
    assert alive(job)
    program.process.terminate()
    program.process.communicate(timeout=20)
    assert not alive(job)


def test_without_its_guard_the_kernel_still_ends_the_children(start):
    program = start()
    children = [program.pid("web"), program.pid("worker")]
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_text() for pid in below(program.process.pid)}
    [guard] = [pid for pid, command in commands.items() if "supervisor.py" in command]
    os.kill(guard, signal.SIGKILL)
    program.process.kill()
    wait_until(lambda: not any(map(alive, children)))
    for session in children:
        for pid in living([session]).get(session, []):
            os.kill(pid, signal.SIGKILL)


REAL = """
    import sys
    from pathlib import Path
    from govflow.runtime.embedded_redis import answers, redis_command
    from govflow.runtime.supervisor import Supervisor
    gunicorn = "-m gunicorn --no-control-socket --workers 2 --bind unix:web.sock"
    application = "wsgiref.simple_server:demo_app"
    with Supervisor(patience=3) as supervisor:
        command, url = redis_command(Path("redis"))
        supervisor.start("redis", command, last=True)
        supervisor.run(until=lambda: answers(url))
        supervisor.start("web", [sys.executable, *gunicorn.split(), application])
        supervisor.start("worker", [sys.executable, "-m", "rq.cli", "worker", "--url", url])
        supervisor.run()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_gunicorn_workers_and_an_rq_job_at_work_are_ended_too(tmp_path, number):
    program = subprocess.Popen([sys.executable, "-c", textwrap.dedent(REAL)], cwd=tmp_path, stdout=subprocess.DEVNULL)
    try:
        url = redis_command(tmp_path / "redis")[1]
        wait_ready(url, 10)
        with Redis.from_url(url) as connection:
            job = Queue(connection=connection).enqueue("time.sleep", 600)
            wait_until(lambda: job.get_status() == JobStatus.STARTED, 20)
        # redis, the web server and its two workers, the worker and its job; the guard is the supervisor's own
        wait_until(lambda: len(below(program.pid)) == 7, 20)
        pids = below(program.pid)
        program.send_signal(number)
        wait_until(lambda: not any(map(alive, pids)), 25)
    finally:
        program.kill()
        program.wait()


def below(parent: int) -> list[int]:
    """Every process under this one."""
    try:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    except OSError:
        return []
    return [pid for child in map(int, children) for pid in (child, *below(child))]


def test_output_comes_line_by_line_under_its_name():
    said = []
    script = "import sys; print('one'); print('two', file=sys.stderr); sys.stdout.write('three')"
    with Supervisor(say=said.append) as supervisor:
        supervisor.start("web", [sys.executable, "-u", "-c", script])
        assert supervisor.run(until=lambda: any("ended" in line for line in said)) is None
    assert said[:3] == ["    web | one", "    web | two", "    web | three"]
    assert said[3] == "web ended (0); starting it again in 0.5 s"


def test_pauses_before_a_restart_double():
    said = []
    with Supervisor(say=said.append) as supervisor:
        supervisor.start("web", ["false"])
        supervisor.run(until=lambda: len(said) == 3)
    assert [line.rpartition("in ")[2] for line in said] == ["0.5 s", "1 s", "2 s"]


def test_what_the_others_need_is_stopped_last():
    script = """if True:
        import signal, sys, time
        signal.signal(signal.SIGTERM, lambda *_: (print('bye'), sys.exit()))
        print('up')
        time.sleep(60)"""
    said = []
    with Supervisor(say=said.append) as supervisor:
        supervisor.start("redis", [sys.executable, "-u", "-c", script], last=True)
        supervisor.start("web", [sys.executable, "-u", "-c", script])
        supervisor.run(until=lambda: len(said) == 2)
    assert said[2:] == ["    web | bye", "  redis | bye"]
