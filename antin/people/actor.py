"""Who acts: one person in one post on one day."""

from __future__ import annotations

from dataclasses import dataclass

from antin.people.states import Role


@dataclass(frozen=True)
class Actor:
    """Everything a policy may ask of the one who acts; made by `people.queries.get_actor`, never by hand.

    `holders` are the tokens this actor holds (`P<post>`, `M<person>`, `U<unit>`, `R<agency>`). `on_behalf` is empty, or names whom
    the person substitutes: then the post, role, unit and agency are those of the one substituted, and the person his own.
    """

    person_id: int
    person_name: str
    post_id: int
    post_title: str
    role: str
    unit_id: int
    unit_name: str
    agency_id: int
    agency_name: str
    keeps_seal: bool
    clearance: str
    holders: tuple[str, ...] = ()
    on_behalf: str = ""

    @property
    def leads(self) -> bool:
        """Whether he heads a unit, or is a deputy of its head."""
        return self.role in (Role.HEAD, Role.DEPUTY)
