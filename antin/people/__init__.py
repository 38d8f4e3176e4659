"""Persons, units, posts, appointments, delegations, clearance, sign-in; and Actor: who acts, in which post, on whose behalf.

Everything is dated. A post outlives its holder. Law: Decree 30/2020, art. 13 (authority to sign).
"""
