"""Pages of figures: all of them against their targets, each with its trend, its units and its very rows."""
