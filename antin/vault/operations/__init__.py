"""Every write of the vault, by what it is about: contents, readers, recovery, level and end."""

from antin.vault.operations.abroad import Abroad, hand_abroad, take_from_abroad
from antin.vault.operations.contents import (
    Marking,
    Opened,
    Unlocked,
    begin,
    commit,
    open_content,
    read,
    seal,
    unlock,
)
from antin.vault.operations.copies import destroy_copy, give_copy, return_copy
from antin.vault.operations.elsewhere import DeviceKeys, Given, Locked, give_sealed, lock_elsewhere, unlock_lent
from antin.vault.operations.levels import change_level, declassify, destroy, end_terms, extend
from antin.vault.operations.readers import add_reader, hand_over, let_read, remove_reader, rewrap, seal_again_for
from antin.vault.operations.recovery import ask_recovery, establish_recovery, give_half, recover, withdraw_recovery
from antin.vault.operations.searching import Found, Hit, search

__all__ = [
    "Abroad",
    "DeviceKeys",
    "Found",
    "Given",
    "Hit",
    "Locked",
    "Marking",
    "Opened",
    "Unlocked",
    "add_reader",
    "ask_recovery",
    "begin",
    "change_level",
    "commit",
    "declassify",
    "destroy",
    "destroy_copy",
    "end_terms",
    "establish_recovery",
    "extend",
    "give_copy",
    "give_half",
    "give_sealed",
    "hand_abroad",
    "hand_over",
    "let_read",
    "lock_elsewhere",
    "open_content",
    "read",
    "recover",
    "remove_reader",
    "return_copy",
    "rewrap",
    "seal",
    "seal_again_for",
    "search",
    "take_from_abroad",
    "unlock",
    "unlock_lent",
    "withdraw_recovery",
]
