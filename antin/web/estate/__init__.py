"""Pages of the IT estate."""
