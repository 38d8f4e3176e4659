"""The process that opens one file: `python -m antin.decree30.child`, the file on its input, JSON on its output, then it ends.

It has limits on memory, time and files, and is nobody if it can.
"""

from __future__ import annotations

import codecs
import json
import os
import resource
import signal
import sys
import traceback

from django.conf import settings

settings.configure(USE_I18N=False)  # the words of the rules are marked by Django's own marker

from antin.decree30 import judging  # noqa: E402

MEMORY = 2 << 30
SECONDS = 60
NOBODY = 65534
ENCODINGS = ("ascii", "cp437", "cp1252", "latin-1", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "idna")
"""Those that readers of ZIP, XML and PDF ask for by name."""


def main() -> int:
    data = sys.stdin.buffer.read()
    for name in ENCODINGS:
        codecs.lookup(name)  # while Python's own files can still be read
    limit()
    try:
        answer = judging.judge(data)
    except (MemoryError, RecursionError):
        answer = judging.unjudged("heavy")
    except Exception:
        traceback.print_exc()
        answer = judging.unjudged("unreadable")
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    return 0


def limit() -> None:
    """Take from this process what a file could misuse."""
    signal.alarm(SECONDS)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


if __name__ == "__main__":
    sys.exit(main())
