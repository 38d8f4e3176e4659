"""How fast: one command each, JSON out, a peer or a limit beside it in the same run. `make bench` runs them all."""
