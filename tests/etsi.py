"""The algorithm of ETSI EN 319 102-1 as pyHanko's AdES module has it: another judge than ours, for the files that we sign."""

from __future__ import annotations

import asyncio
from datetime import datetime
from io import BytesIO

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import ades
from pyhanko.sign.validation.policy_decl import PdfSignatureValidationSpec, SignatureValidationSpec
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager


def indications(pdf: bytes, *, anchor: bytes, now: datetime, long: bool) -> dict[str, str]:
    """What the algorithm says of each signature by field: "OK", or the subindication.

    `long` is validation with long-term material (5.6), else with time (5.5). Only what the file carries is used.
    """
    reader = PdfFileReader(BytesIO(pdf))
    trusted = SimpleTrustManager.build(trust_roots=[x509.Certificate.load(anchor)])
    spec = SignatureValidationSpec(
        local_knowledge=ades._dss_to_local_knowledge(reader),
        cert_validation_policy=CertValidationPolicySpec(
            trust_manager=trusted, revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO)
        ),
    )
    timing = ValidationTimingInfo(validation_time=now, best_signature_time=now, point_in_time_validation=True)
    found = {}
    for each in reader.embedded_regular_signatures:
        if long:
            judged = asyncio.run(ades.ades_lta_validation(each, PdfSignatureValidationSpec(spec), timing_info=timing))
        else:
            judging = ades.ades_with_time_validation(
                each.signed_data, spec, timing_info=timing, raw_digest=each.compute_digest()
            )
            judged = asyncio.run(judging)
        found[str(each.field_name)] = judged.ades_subindic.name
    return found
