"""The log as JSON, one line for each thing: ids and figures, never what people wrote.

An exception is told by its kind and the places in the code it passed: its words may quote a document or a secret.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON: `at`, `level`, `logger`, `pid`, `message`, and the `facts` it was given."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "pid": record.process,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[1] is not None:
            told["fault"] = type(record.exc_info[1]).__name__
            steps = traceback.extract_tb(record.exc_info[2])
            told["where"] = [f"{step.filename.rpartition('/')[2]}:{step.lineno} {step.name}" for step in steps[-12:]]
        return json.dumps(told | getattr(record, "facts", {}), ensure_ascii=False, default=str)
