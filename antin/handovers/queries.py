"""Reading hand-overs of posts."""

from __future__ import annotations

from antin.handovers import policy
from antin.handovers.models import PostHandOver, PostItem
from antin.people.actor import Actor
from antin.refusal import NotFound


def get_for(actor: Actor, act_id: int) -> PostHandOver:
    """Return a hand-over the actor may see. :raises NotFound: absent, or not his to see"""
    found = PostHandOver.objects.filter(policy.visible_to(actor), pk=act_id).first()
    if found is None:
        raise NotFound()
    return found


def lock(act_id: int) -> PostHandOver:
    """Return a hand-over, its row locked until the transaction ends. :raises NotFound: there is none"""
    found = PostHandOver.objects.select_for_update().filter(pk=act_id).first()
    if found is None:
        raise NotFound()
    return found


def list_for(actor: Actor, *, limit: int = 100) -> list[PostHandOver]:
    """Return the hand-overs the actor may see, the latest first."""
    return list(PostHandOver.objects.filter(policy.visible_to(actor)).order_by("-id")[:limit])


def list_items(act_id: int) -> list[PostItem]:
    """Return what stands on the fixed list, in its order."""
    return list(PostItem.objects.filter(hand_over_id=act_id).order_by("position"))
