"""Pages of the registry office: its books, their numbers, and what was done with them."""
