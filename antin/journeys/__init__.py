"""Stories that cross rooms: each module is one story, read from top to bottom; no tables here."""
