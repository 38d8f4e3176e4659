"""What workers run: one handler per promise (`handlers`), and what runs by the clock (`timetable`)."""
