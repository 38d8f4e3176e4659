"""Outside services as they are met on a network: a small HTTP server of the test's own that answers, is late, or is down."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[bytes], bytes]


class Outside:
    """A server whose answers a test may change while it runs; `asked` counts the questions."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked = 0
        self.down = False
        self.late = 0.0
        outside = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self._say(self.rfile.read(int(self.headers["Content-Length"])))

            def do_GET(self) -> None:
                self._say(b"")

            def _say(self, question: bytes) -> None:
                outside.asked += 1
                if outside.down:
                    self.send_error(503)
                    return
                answered = outside.answer(question)
                self.send_response(200)
                self.send_header("Content-Length", str(len(answered)))
                self.end_headers()
                for byte in answered:
                    self.wfile.write(bytes((byte,)))
                    if outside.late:
                        time.sleep(outside.late)
                        self.wfile.flush()

            def log_message(self, *given: object) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/tsa"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def outside(answer: Answer) -> Iterator[Outside]:
    server = Outside(answer)
    try:
        yield server
    finally:
        server.close()
