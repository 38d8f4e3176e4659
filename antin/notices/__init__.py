"""Telling people what happened, in the application.

A notice is told to a holder (a post, a person, a unit, a registry office), not to whoever sits there today: the next holder of
the post finds it. Read once, it is read for that holder. It is a convenience and never the record: the journal is.
"""
