"""Keeps the service's processes running: one that ends, however it ends, is started again.

The processes are forked, so that they share the memory of all that was loaded, and sockets that were opened. They end
when the supervisor ends, also by ``kill -9``. The supervisor itself does nothing else, so little can go wrong in it.
"""

import multiprocessing
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn, Protocol

import structlog

from rules.retry import Backoff

_FORK: Final = multiprocessing.get_context("fork")
_LOOK_EVERY: Final = 0.25  # seconds
_STEADY: Final = 10.0  # seconds after which what was started counts as working
# What ends is started again at once, but what ends again before it works waits for longer and longer.
_PAUSES: Final = [0.0, *Backoff(first=1.0, longest=30.0).pauses(6)]

log = structlog.get_logger()


class Part(Protocol):
    """What is kept running."""

    @property
    def lives(self) -> bool: ...

    def start(self) -> None: ...


class Program:
    """A part that runs ``work`` in a process of its own. Sockets that only others need are closed there."""

    def __init__(self, name: str, work: Callable[[], None], *, others_sockets: Sequence[socket.socket] = ()) -> None:
        self._name = name
        self._work = work
        self._others_sockets = others_sockets
        self._process: multiprocessing.context.ForkProcess | None = None

    @property
    def lives(self) -> bool:
        return self._process is not None and self._process.is_alive()

    def start(self) -> None:
        self._process = _FORK.Process(target=self._run, name=self._name)
        self._process.start()

    def terminate(self) -> None:
        if self._process is not None:
            self._process.terminate()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def wait(self, seconds: float) -> None:
        """Wait until it has ended, at most so many seconds."""
        if self._process is not None:
            self._process.join(max(seconds, 0.0))

    def _run(self) -> None:
        os.setsid()  # Ctrl-C is for the supervisor, which then ends its processes in order
        threading.Thread(target=_end_with_the_supervisor, daemon=True).start()
        for each in self._others_sockets:
            each.close()
        with suppress(OSError):  # the name that ps and top show; Linux alone has this
            Path("/proc/self/comm").write_text(f"istmo-{self._name}")
        try:
            self._work()
        except Exception as error:
            log.critical("a process failed", process=self._name, exc_info=error)
            raise SystemExit(1) from error


def _end_with_the_supervisor() -> None:
    if supervisor := multiprocessing.parent_process():
        supervisor.join()
    os._exit(1)


def supervise(parts: Mapping[str, Part]) -> NoReturn:
    """Start the parts that don't run, now and each time that one has ended, until an exception comes by a signal."""
    watched = [_Watch(name, part) for name, part in parts.items()]
    while True:
        for each in watched:
            each.look(time.monotonic())
        time.sleep(_LOOK_EVERY)


class _Watch:
    """A part, and when it may be started again."""

    def __init__(self, name: str, part: Part) -> None:
        self._name = name
        self._part = part
        self._has_run = False
        self._started_at = 0.0
        self._failures = 0  # since it worked
        self._rest_until = 0.0

    def look(self, now: float) -> None:
        if self._part.lives:
            self._has_run = True
            if now - self._started_at >= _STEADY:
                self._failures = 0
            return
        if self._has_run:
            self._has_run = False
            self._plan(now)
            pause = self._rest_until - now
            log.error("a process has ended and is started again", process=self._name, in_seconds=pause)
        if now >= self._rest_until:
            self._start(now)

    def _start(self, now: float) -> None:
        self._started_at = now
        try:
            self._part.start()
            self._has_run = True
        except Exception as error:
            self._plan(now)
            log.error("a process can't be started", process=self._name, reason=str(error))

    def _plan(self, now: float) -> None:
        """Decide when to start it again."""
        self._rest_until = now + _PAUSES[min(self._failures, len(_PAUSES) - 1)]
        self._failures += 1


def stop(programs: Sequence[Program], seconds: float) -> None:
    """Ask the programs to end, and kill what hasn't ended after so many seconds or at a further signal."""
    for program in programs:
        program.terminate()
    deadline = time.monotonic() + seconds
    try:
        for program in programs:
            program.wait(deadline - time.monotonic())
    finally:
        for program in programs:
            program.kill()
