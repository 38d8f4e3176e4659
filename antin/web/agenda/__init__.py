"""Pages of the work calendar and of meetings."""
