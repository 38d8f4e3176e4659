"""Our node and a partner in one directory, and what goes from one to the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

import pikepdf

from antin.correspondents import queries as directory
from antin.documents import operations as documents
from antin.documents import queries
from antin.documents.models import Document
from antin.documents.operations import Outside
from antin.exchange import operations as exchange
from antin.files import operations as files
from antin.journeys import between_nodes
from antin.keys import operations as keys
from antin.nodes import operations as nodes
from antin.nodes import queries as members
from antin.nodes import statements
from antin.nodes.directory import Listed, read_listed
from antin.nodes.models import Member
from tests import given
from tests.cast import Cast
from tests.partners import Partner


def pdf(size: int = 0) -> bytes:
    """A page, with so many bytes that do not compress behind it."""
    made = pikepdf.new()
    made.add_blank_page()
    if size:
        made.Root.Filler = pikepdf.Stream(made, bytes((place * place) % 251 for place in range(size)))
    out = BytesIO()
    made.save(out, deterministic_id=True, compress_streams=False)
    return out.getvalue()


@dataclass
class Two:
    """Our node, which coordinates and serves both agencies of the cast, and a partner that serves one."""

    cast: Cast
    partner: Partner
    at: datetime
    letter: bytes = b""
    certificate: bytes = b""
    reader: Any = None
    recovery: Any = None

    @property
    def ours(self) -> Listed:
        edition = members.find_edition()
        assert edition is not None
        told = statements.peek(bytes(edition.content))["members"]
        return next(each for each in map(read_listed, told) if each.code == "tcz")

    @property
    def member(self) -> Member:
        return members.get_member(self.partner.code)

    def issue(self, content: bytes, **changes: Any) -> Document:
        """A letter of ours to the partner's agency, sealed as this file."""
        recipient = directory.find_by_code(self.partner.agency)
        assert recipient is not None
        document = given.a_numbered_document(self.cast, self.at, recipients=[Outside(recipient.pk)], **changes)
        return self.seal(document, content)

    def seal(self, document: Document, content: bytes = b"%PDF-1.7 sealed") -> Document:
        """A numbered document of ours becomes this file, is issued and goes out."""
        sealed = files.keep(content, at=self.at).digest
        actor = self.cast.seal_keeper.actor()
        documents.keep_sealed(document_id=document.pk, file=sealed, attachments={}, actor=actor, at=self.at)
        documents.issue(document_id=document.pk, actor=actor, at=self.at)
        exchange.dispatch(document_id=document.pk, actor=actor, at=self.at)
        return queries.get(document.pk)

    def send(self) -> list[list[bytes]]:
        """Everything that may go to the partner now, as it goes."""
        found = []
        for parcel in members.list_to_send(self.member):
            packed = nodes.pack(parcel_id=parcel.pk, at=self.at)
            found.append([packed.message, *nodes.each_piece(packed=packed, at=self.at)])
            nodes.record_sent(parcel_ids=[parcel.pk], actor=None, at=self.at)
        return found

    def come(self, *messages: bytes) -> list[bool]:
        return [between_nodes.accept(message=message, way="nats", at=self.at) for message in messages]


def link(cast: Cast, at: datetime, *, with_keys: bool = True) -> Two:
    """A directory of two: invited, answered, confirmed."""
    if with_keys:
        keys.establish(name="Tổng cục Z", organisation="Tổng cục Z", actor=None, at=at)
    for agency_id in (cast.agency_id, cast.recipient_id) if with_keys else ():
        keys.issue_agency_certificate(agency_id=agency_id, actor=None, at=at)
    partner = Partner("b2", "G11.91", "Cục Xa", at)
    own = {"G11.90": "Tổng cục Z", "G11.90.21": "Trung tâm B1"}
    nodes.establish(code="tcz", name="Tổng cục Z", agencies=own, actor=None, at=at)
    invited = nodes.invite(code="b2", name="Cục Xa", way="nats", agencies={"G11.91": "Cục Xa"}, actor=None, at=at)
    nodes.take_answer(content=partner.answer(invited.content, at=at), actor=None, at=at)
    nodes.confirm_member(invitation_id=invited.invitation.pk, actor=None, at=at)
    between_nodes.list_agencies(at=at)
    return Two(cast, partner, at)
