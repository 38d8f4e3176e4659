"""A decision over the level of a state secret: the vault, every agency that holds it, and every document that is made of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from antin.documents import operations as documents
from antin.documents import queries as papers
from antin.people.actor import Actor
from antin.vault import operations as vault
from antin.vault import queries as secrets

if TYPE_CHECKING:
    from antin.vault.models import Classified


@transaction.atomic(durable=True)
def change_level(
    *, classified_id: int, level: int, paper: str, decided_on: date, actor: Actor, at: datetime
) -> Classified:
    """Raise or lower the level by a decision, wherever the secret is held on this node: stamps and masks follow in the same moment.

    :raises NotFound: NotCleared: NotAllowed: WrongState: the actor is not the head who reads it, or it is protected no longer
    :raises NeedsDecision: LevelUnchanged: NotTheOrigin: another agency began it, and decides
    """
    known = [classified_id, *(each.pk for each in secrets.list_holdings(classified_id))]
    papers.lock_classified(known)  # documents before secrets, as every other act takes them
    made = vault.change_level(
        classified_id=classified_id, level=level, paper=paper, decided_on=decided_on, actor=actor, at=at
    )
    holdings = secrets.list_holdings(classified_id)
    documents.follow_level(levels={each.pk: each.level for each in (made, *holdings)}, actor=actor, at=at)
    return made
