# SPDX-License-Identifier: Apache-2.0
"""Which version is spoken with whom; who cannot be spoken with is told which ones could."""

import pytest

from engine.sandbox.wire.fields import WireError
from engine.sandbox.wire.versions import agree


@pytest.mark.parametrize(
    ("offer", "version"),
    [
        ("v157..178", 178),
        ("v157..176", 176),
        ("v100..157", 157),
        ("v100..225", 178),
        ("v100..158", 157),
        ("v178..178", 178),
        ("v165", 165),
        ("v157..178 +PACEAPI", 178),
        ("v159..159", 159),
    ],
)
def test_the_newest_common_version_is_spoken(offer, version):
    assert agree(offer) == version


@pytest.mark.parametrize("offer", ["v179..225", "v201..210", "v203"])
def test_clients_of_protobuf_alone_are_refused_in_one_sentence_with_the_range(offer):
    with pytest.raises(WireError) as refused:
        agree(offer)
    text = str(refused.value)
    assert text.startswith("the sandbox speaks versions 157 to 178 of the protocol without 158;")
    assert "protobuf" in text
    assert "\n" not in text


@pytest.mark.parametrize("offer", ["v100..156", "v158..158", "v158", "v0..1", "v178..157"])
def test_other_versions_are_refused_with_the_range(offer):
    with pytest.raises(WireError, match="versions 157 to 178") as refused:
        agree(offer)
    assert "protobuf" not in str(refused.value)


@pytest.mark.parametrize("offer", ["", "157", "v", "v157..", "v1..2..3", "hello", "v-1..5", "v99999999999..5", "vé"])
def test_what_is_no_range_of_versions_is_refused(offer):
    with pytest.raises(WireError, match=r"such as v157..178"):
        agree(offer)
