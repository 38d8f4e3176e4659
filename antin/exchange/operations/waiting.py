"""How long a line at fault is given before it is tried again."""

from datetime import timedelta

# Tried again by itself after these; the last one is repeated until the tries are used up, three days later.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 30, 60))
TRIES = 75
