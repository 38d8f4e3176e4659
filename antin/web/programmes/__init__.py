"""Pages of programmes: which there are, one of them, one part, its versions; writing and approving them."""
