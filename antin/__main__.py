"""`antin` and `python -m antin`."""

import sys

from antin.console.main import main

if __name__ == "__main__":
    sys.exit(main())
