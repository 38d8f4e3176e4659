"""Pages of the vault: one's own encryption certificates, recovery, and a state secret with its readers, copies and level."""
