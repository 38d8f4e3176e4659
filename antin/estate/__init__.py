"""The IT estate: networks, data rooms, servers and workstations of each unit, software by edition, protection, checks and findings.

It counts what a unit has and how it is protected, with a history: how things stood at the end of a day can be asked for any day.
"""
