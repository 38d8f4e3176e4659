"""The legal order of the steps that leave their mark in a file: one rule, which refuses before signing and judges others.

Law: Decree 30/2020: initials and the check of format (art. 12, 13), the competent persons (art. 13), number and date (art. 15), the
agencies (Appendix I): of a joint document those that issue it too, then the one that drafted and numbered it. Pure; it needs no
database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from antin.signing.states import Disorder, Step

PERSONS = {"Person", "Cosigner", *(f"Cosigner{turn}" for turn in range(1, 10))}
SEALS = {f"Seal{turn}": turn for turn in range(1, 10)}
"""Of the other agencies that issue a joint document, each beside its cosigner's place."""
SMALL = {"Initials", "Format"}
"""Hands that answer for the text and its form, not for the document: small, and never the competent person's."""


@dataclass(frozen=True)
class Taken:
    """A step that was taken, or is about to be. `turn` counts cosigners from 1; a joint seal has its cosigner's."""

    step: Step
    turn: int = 0


@dataclass(frozen=True)
class Foreseen:
    """What a file's form foresees: initials, a check of format, a competent person, so many cosigners (in their order, the
    competent person last, or in any), number and date, so many seals of agencies that issue it too, an agency."""

    person: bool = True
    cosigners: int = 0
    joint_seals: int = 0
    in_order: bool = False
    initials: bool = False
    format: bool = False
    number: bool = True
    agency: bool = True


def find_disorder(taken: Sequence[Taken], foreseen: Foreseen) -> Disorder | None:
    """The first thing wrong with the order in which steps were taken; None when it is the legal one.

    Law: Decree 30/2020: initials and the check of format (art. 12, 13), the competent persons (art. 13), number and date (art. 15),
    the agency (Appendix I). The same rule refuses before signing and judges what others have signed.
    """
    seen: set[Taken] = set()
    for one in taken:
        wrong = why_not_now(one, seen, foreseen)
        if wrong is not None:
            return wrong
        seen.add(one)
    return None


def why_not_now(one: Taken, seen: set[Taken], foreseen: Foreseen) -> Disorder | None:
    """What is wrong with this step now, after those."""
    steps = {each.step for each in seen}
    cosigned = sum(each.step == Step.COSIGNER for each in seen)
    sealed = sum(each.step == Step.JOINT_SEAL for each in seen)
    if one in seen:
        return Disorder.TWICE
    match one.step:
        case Step.INITIALS | Step.FORMAT if steps - {Step.INITIALS, Step.FORMAT}:
            return Disorder.INITIALS_LATE
        case Step.FORMAT | Step.PERSON | Step.COSIGNER if foreseen.initials and Step.INITIALS not in steps:
            return Disorder.BEFORE_INITIALS
        case Step.PERSON | Step.COSIGNER if foreseen.format and Step.FORMAT not in steps:
            return Disorder.BEFORE_FORMAT
        case Step.PERSON | Step.COSIGNER if steps & AGENCIES:
            return Disorder.PERSON_AFTER_AGENCY
        case Step.PERSON | Step.COSIGNER if Step.NUMBER in steps:
            return Disorder.PERSON_AFTER_NUMBER
        case Step.COSIGNER if foreseen.in_order and one.turn != cosigned + 1:
            return Disorder.OUT_OF_TURN
        case Step.PERSON if foreseen.in_order and cosigned < foreseen.cosigners:
            return Disorder.OUT_OF_TURN
        case Step.NUMBER if steps & AGENCIES:
            return Disorder.AFTER_AGENCY
        case Step.NUMBER | Step.JOINT_SEAL | Step.AGENCY if foreseen.person and Step.PERSON not in steps:
            return Disorder.BEFORE_PERSON
        case Step.NUMBER | Step.JOINT_SEAL | Step.AGENCY if cosigned < foreseen.cosigners:
            return Disorder.BEFORE_COSIGNERS
        case Step.JOINT_SEAL if Step.AGENCY in steps:
            return Disorder.JOINT_SEAL_LATE
        case Step.JOINT_SEAL | Step.AGENCY if foreseen.number and Step.NUMBER not in steps:
            return Disorder.BEFORE_NUMBER
        case Step.AGENCY if sealed < foreseen.joint_seals:
            return Disorder.BEFORE_JOINT_SEALS
    return None


NUMBER = Taken(Step.NUMBER)
AGENCIES = {Step.JOINT_SEAL, Step.AGENCY}


def step_of(field: str) -> Taken | None:
    """The step that a signature in this field is; None where the order does not matter (attachments, arrivals, other files)."""
    if field in FIELDS:
        return Taken(FIELDS[field])
    if field in PERSONS:
        return Taken(Step.COSIGNER, int(field.removeprefix("Cosigner") or 1))
    if field in SEALS:
        return Taken(Step.JOINT_SEAL, SEALS[field])
    return None


FIELDS = {"Initials": Step.INITIALS, "Format": Step.FORMAT, "Person": Step.PERSON, "Agency": Step.AGENCY}


def form_facts(
    signed: Iterable[str], empty: Iterable[str], texts: dict[str, str], in_order: bool = False
) -> tuple[list[Taken], Foreseen]:
    """What a file's fields tell of the steps: those taken, in the legal order, and those foreseen.

    `signed` and `empty` are names of signature fields, `texts` the text fields with their values, `in_order` whether those who sign
    together do so one after the other.
    """
    signed, names = list(signed), [*signed, *empty]
    cosigners = [name for name in names if name.startswith("Cosigner")]
    foreseen = Foreseen(
        person="Person" in names,
        cosigners=len(cosigners),
        joint_seals=len(SEALS.keys() & set(names)),
        in_order=in_order,
        initials="Initials" in names,
        format="Format" in names,
        number="number" in texts,
        agency="Agency" in names,
    )
    done = sorted((one for name in signed if (one := step_of(name))), key=lambda one: (ORDER.index(one.step), one.turn))
    if texts.get("number"):
        place = next((place for place, one in enumerate(done) if one.step in AGENCIES), len(done))
        done.insert(place, NUMBER)
    return done, foreseen


ORDER = (Step.INITIALS, Step.FORMAT, Step.COSIGNER, Step.PERSON, Step.NUMBER, Step.JOINT_SEAL, Step.AGENCY)
