"""Every write of keys, by what it is about: authorities, trust, certificates, keys in use, custody."""

from antin.keys.operations.authority import (
    answer_timestamp_request,
    establish,
    open_responder,
    open_timestamper,
    publish_revocation_list,
    refresh_revocation_lists,
    timestamp,
)
from antin.keys.operations.certificates import (
    issue_agency_certificate,
    issue_encryption_certificate,
    issue_person_certificate,
    renew,
    revoke,
)
from antin.keys.operations.custody import decline_device, offer_device, report_lost, take_device, withdraw_offer
from antin.keys.operations.machines import (
    NodeKeys,
    make_node_keys,
    open_node_reader,
    open_node_signer,
    trust_member,
)
from antin.keys.operations.outside import enter_certificate, export_key, import_key_file
from antin.keys.operations.requests import (
    decline_request,
    enter_requested,
    issue_requested,
    request_on_token,
    request_with_file,
)
from antin.keys.operations.showing import set_picture, take_back_picture
from antin.keys.operations.trust import (
    add_trust_anchor,
    end_trust,
    import_authorities,
    import_revocation_list,
    take_status,
)
from antin.keys.operations.use import Signer, change_pin, open_elsewhere, open_reader, open_signer

__all__ = [
    "NodeKeys",
    "Signer",
    "add_trust_anchor",
    "answer_timestamp_request",
    "change_pin",
    "decline_device",
    "decline_request",
    "end_trust",
    "enter_certificate",
    "enter_requested",
    "establish",
    "export_key",
    "import_authorities",
    "import_key_file",
    "import_revocation_list",
    "issue_agency_certificate",
    "issue_encryption_certificate",
    "issue_person_certificate",
    "issue_requested",
    "make_node_keys",
    "offer_device",
    "open_elsewhere",
    "open_node_reader",
    "open_node_signer",
    "open_reader",
    "open_responder",
    "open_signer",
    "open_timestamper",
    "publish_revocation_list",
    "refresh_revocation_lists",
    "renew",
    "report_lost",
    "request_on_token",
    "request_with_file",
    "revoke",
    "set_picture",
    "take_back_picture",
    "take_device",
    "take_status",
    "timestamp",
    "trust_member",
    "withdraw_offer",
]
