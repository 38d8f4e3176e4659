"""`make bench [ARGS='walk pages']`: run the benchmarks one after another, keep what each prints in `bench/results/`."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from config.embedded_postgres import EmbeddedPostgres  # noqa: E402

ALL = (
    "typeset",
    "intake",
    "signing",
    "batch",
    "journal",
    "numbering",
    "walk",
    "pages",
    "upload",
    "search",
    "figures",
    "edxml",
    "nodes",
    "start",
)


def main(chosen: list[str]) -> int:
    """Run the chosen ones, or all; on an embedded PostgreSQL of their own when no DATABASE_URL names one."""
    unknown = [name for name in chosen if name not in ALL]
    if unknown:
        print(f"Không có phép đo {', '.join(unknown)}; có: {', '.join(ALL)}", file=sys.stderr)
        return 2
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    failed = []
    with tempfile.TemporaryDirectory(prefix="antin-bench-") as state:
        environment = os.environ | {"ANTIN_STATE": state}
        server = None
        if "DATABASE_URL" not in os.environ:
            server = EmbeddedPostgres(Path(state) / "postgres", may_create_databases=True)
            where = server.start()
            account = f"{where['USER']}:{where['PASSWORD']}"
            environment["DATABASE_URL"] = f"postgresql://{account}@{quote(str(where['HOST']), '')}/antin"
        try:
            for name in chosen or ALL:
                print(f"• {name}", flush=True)
                done = subprocess.run(
                    [sys.executable, str(HERE / f"{name}.py")],
                    check=False,
                    env=environment,
                    capture_output=True,
                    text=True,
                )
                if done.returncode:
                    failed.append(name)
                    print(done.stderr[-2000:], file=sys.stderr)
                    continue
                (results / f"{name}.json").write_text(done.stdout)
                print(done.stdout, flush=True)
        finally:
            if server is not None:
                server.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
