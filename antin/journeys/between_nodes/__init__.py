"""Between nodes: a delivery becomes a parcel, a parcel becomes an arrival, and the recipient's acts come back as signed receipts.

Out: the sending agency signs the manifest, the feed numbers it (`carry`); the line or a stick does the rest. In: a parcel that came
whole is opened, its signatures are believed or not, its files are kept, and the arrival, the receipts owed and the settled number
are one transaction (`take`). What cannot be taken is set aside with the reason, and the sender learns it.
"""

from antin.journeys.between_nodes.by_hand import (
    Bundle,
    Inside,
    Taken,
    export_receipts,
    look_into,
    take_bundle,
)
from antin.journeys.between_nodes.directory import (
    keep_directory,
    list_agencies,
    take_edition,
)
from antin.journeys.between_nodes.faults import (
    BrokeItsTaker,
    BrokenHere,
    FileLacking,
    NotRememberedYet,
    NotSealedToThem,
    NotServedHere,
    NotSignedYet,
    NotToANode,
    NotYoursToAskBack,
    SecretInClear,
    SenderNotServedThere,
)
from antin.journeys.between_nodes.hearing import (
    accept,
    accept_many,
    give_up,
)
from antin.journeys.between_nodes.sending import (
    answer,
    ask,
    carry,
    send_chain,
    send_test,
)
from antin.journeys.between_nodes.taking import (
    ASKED_AGAIN,
    set_broken_aside,
    take,
)

__all__ = [
    "ASKED_AGAIN",
    "BrokeItsTaker",
    "BrokenHere",
    "Bundle",
    "FileLacking",
    "Inside",
    "NotRememberedYet",
    "NotSealedToThem",
    "NotServedHere",
    "NotSignedYet",
    "NotToANode",
    "NotYoursToAskBack",
    "SecretInClear",
    "SenderNotServedThere",
    "Taken",
    "accept",
    "accept_many",
    "answer",
    "ask",
    "carry",
    "export_receipts",
    "give_up",
    "keep_directory",
    "list_agencies",
    "look_into",
    "send_chain",
    "send_test",
    "set_broken_aside",
    "take",
    "take_bundle",
    "take_edition",
]
