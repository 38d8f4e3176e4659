"""A letter that urges an agency which no other way of urging reaches: begun with what is awaited, for the writer to go on from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from antin.exchange import answering, policy
from antin.exchange import queries as deliveries
from antin.people.actor import Actor
from antin.refusal import NotFound, refuse
from antin.typeset import beginnings
from antin.workdays.queries import local_date

MOST_NAMED = 20


def begin(actor: Actor, asked: str, at: datetime) -> dict[str, Any]:
    """What a letter about a delivery begins with: whom it goes to, what it is about, the papers it names.

    :raises NotFound: not his to see :raises NothingToUrge: it is urged otherwise, or nothing is awaited
    """
    if not asked.isdecimal() or len(asked) > 18:
        raise NotFound()
    delivery = deliveries.get_for(actor, int(asked))
    document = delivery.dispatch.document
    refuse(policy.why_not_draft_urging(actor, document, delivery))
    same = answering.list_awaited_from(actor, delivery.correspondent_id or 0, limit=MOST_NAMED)
    named = list({each.pk: each for each in (document, *(row.document for row in same))}.values())
    papers = [
        beginnings.Awaited(each.code, each.document_date, "" if each.secrecy else each.subject, each.reply_by)
        for each in named
    ]
    subject, body = beginnings.urging(
        papers, issuer_name=actor.agency_name, recipient_name=delivery.recipient_name, today=local_date(at)
    )
    return {"subject": subject, "addressed": [f"o{delivery.correspondent_id}"], "body": body}
