"""Processes of the node: forked from one that has loaded the application, so that they share its memory; revived when they die."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.process import BaseProcess

import django

from config.children import die_with_parent, name_process

# Forking a loaded process is what saves the memory; macOS cannot do it safely, so there each child loads for itself.
if sys.platform == "linux":
    PROCESSES = multiprocessing.get_context("fork")
else:
    PROCESSES = multiprocessing.get_context("spawn")
STOP_WITHIN = 20.0
LONGEST_PAUSE = 30.0


@dataclass
class Child:
    """One process of the node. `act` is `module:function`, called in it with `given`; `words` name it to a person."""

    name: str
    words: str
    act: str
    given: dict[str, object] = field(default_factory=dict)
    once: bool = False  # it has an end: when that was a good one, it is not started again
    process: BaseProcess | None = None
    _ended: bool = field(default=False, repr=False)
    _started_at: float = field(default=0.0, repr=False)
    _pause: float = field(default=0.0, repr=False)
    _due: float = field(default=0.0, repr=False)

    def start(self) -> None:
        self.process = PROCESSES.Process(target=_become, args=(self.name, self.act, self.given), name=self.name)
        self.process.start()
        self._started_at = time.monotonic()

    def wait(self) -> int:
        """Let it do its work and say with what code it ended."""
        assert self.process is not None
        self.process.join()
        return self.process.exitcode or 0

    def ask_to_stop(self) -> None:
        """Ask it to stop, without waiting for it."""
        if self.process is not None:
            self.process.terminate()

    def stop(self) -> None:
        """Ask it to stop, insist when the grace is over, and end what it started itself."""
        if self.process is None:
            return
        self.process.terminate()
        self.process.join(STOP_WITHIN)
        self._clear()
        self.process.join()

    def revive(self) -> str:
        """Start it again if it died, with growing pauses while it keeps dying young; what a person should know, if anything."""
        if self._ended:
            return ""
        if self.process is None:
            if time.monotonic() >= self._due:
                self.start()
            return ""
        code = self.process.exitcode
        if code is None:
            return ""
        self._clear()
        if self.once and code == 0:
            self.process, self._ended = None, True
            return ""
        lived = time.monotonic() - self._started_at
        self._pause = 0.5 if lived > LONGEST_PAUSE else min(max(self._pause * 2, 0.5), LONGEST_PAUSE)
        self.process, self._due = None, time.monotonic() + self._pause
        return f"{self.words} dừng bất ngờ (mã {code}); khởi động lại sau {self._pause:g} giây."

    def _clear(self) -> None:
        """End it and its own children: they share its process group."""
        if self.process is not None and self.process.pid is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


COLLECTION = (20_000, 20, 20)
"""Python's default looks for circles after every 700 new objects; reading a signed file of 27 pages took twice as long."""


def load(*modules: str) -> None:
    """Load the application, so that children forked from here share it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    for module in modules:
        import_module(module)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTION)


def _become(name: str, act: str, given: dict[str, object]) -> None:
    """What a child does first: a group and a name of its own, its parent's fate, the usual signals."""
    os.setsid()
    for told in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(told, signal.SIG_DFL)
    if tie := die_with_parent(signal.SIGTERM):
        tie()
    name_process(f"antin-{name}")
    module, function = act.split(":")
    load(module)
    getattr(import_module(module), function)(**given)
