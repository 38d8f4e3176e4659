"""Pages of the administrator: units, posts, people, certificates, the calendar. Every act is an operation of its room."""
