"""What workers run: one handler per promise (`handlers`), the timetable, and what follows from what happened (`reactions`)."""
