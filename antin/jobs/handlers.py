"""One function per promise: translates ids into one call of a journey or an operation.

A handler is idempotent: it may run again after it has done its work, and after it has done half of it.
"""
