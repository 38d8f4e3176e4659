import hashlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from antin.journal.merkle import EMPTY, Frontier, leaf_hash, node_hash


def root_by_definition(leaves):
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(root_by_definition(leaves[:k]), root_by_definition(leaves[k:]))


def test_roots_known_from_the_certificate_transparency_tests():
    data = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    tree = Frontier()
    tree.extend(leaf_hash(bytes.fromhex(one)) for one in data)
    assert tree.root().hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    first = Frontier()
    first.add(leaf_hash(b""))
    assert first.root().hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert Frontier().root() == EMPTY


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # of a busy machine
@given(st.lists(st.binary(max_size=5), max_size=70), st.integers(0, 70))
def test_the_frontier_agrees_with_the_definition_also_after_a_rest(data, rest):
    leaves = [leaf_hash(one) for one in data]
    tree = Frontier()
    tree.extend(leaves[:rest])
    tree = Frontier.load(tree.size, tree.dump())
    tree.extend(leaves[rest:])
    assert tree.root() == root_by_definition(leaves)
    assert len(tree.peaks) == len(leaves).bit_count()


def test_peaks_that_do_not_fit_the_size_are_refused():
    with pytest.raises(ValueError, match="do not fit"):
        Frontier.load(3, bytes(32))
