"""`antin token create`: a secret with which a machine acts as one person in one post. Printed once; only its digest is kept."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime, timedelta

from django.utils.timezone import localdate

from antin.people import operations, queries
from antin.people.states import Scope
from antin.refusal import NotFound


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("user_name", help="tên đăng nhập của người mà khóa thay mặt")
    parser.add_argument("--post", type=int, help="mã chức vụ; bỏ trống: chức vụ đang giữ đầu tiên")
    parser.add_argument("--name", default="antin token create", help="khóa dùng để làm gì")
    parser.add_argument(
        "--scope", action="append", choices=Scope.values, help="quyền; nêu nhiều lần được; bỏ trống: read"
    )
    parser.add_argument("--days", type=int, default=90, help="số ngày có hiệu lực")
    parser.add_argument("--json", action="store_true", help="in JSON")


def run(arguments: argparse.Namespace) -> int:
    at = datetime.now(UTC)
    person = queries.find_person_by_user_name(arguments.user_name)
    held = queries.list_posts_held(person.id, localdate(at)) if person else []
    if person is None or not held:
        raise NotFound(user_name=arguments.user_name)
    made = operations.create_token(
        person_id=person.id,
        post_id=arguments.post or held[0].post_id,
        name=arguments.name,
        scopes=arguments.scope or [Scope.READ.value],
        expires_at=at + timedelta(days=arguments.days),
        actor=None,
        at=at,
    )
    facts = {"token": made.secret, "id": made.id, "expires_at": made.expires_at.isoformat()}
    print(json.dumps(facts) if arguments.json else made.secret)
    return 0
