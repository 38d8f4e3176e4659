"""Promises kept after commit: promise(name, key=..., **ids); retries, dead letters. The only room that knows the queue library."""
