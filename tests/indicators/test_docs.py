# SPDX-License-Identifier: Apache-2.0
"""docs/indicators.md names all there is and all that is refused."""

import re
from pathlib import Path

from engine.indicators import names
from engine.indicators.libraries.ta_catalogue import FENCED, REFUSED
from engine.indicators.libraries.talib_names import EXCLUDED
from engine.indicators.own import OWN

PAGE = (Path(__file__).parents[2] / "docs" / "indicators.md").read_text(encoding="utf-8")


def test_every_indicator_is_in_the_catalogue():
    quoted = set(re.findall(r"`([\w.]+)[`(]", PAGE))
    assert {name.rsplit(".", 1)[-1] for name in names()} <= quoted
    assert f"{len(names())} of them" in PAGE


def test_ours_are_shown_with_their_parameters():
    for name, indicator in OWN.items():
        call = re.search(rf"\| `{name}\(([^)]*)\)", PAGE)
        assert call
        shown = [word.split("=")[0] for word in call[1].split(", ")]
        assert shown == [*indicator.inputs, *(parameter.name for parameter in indicator.parameters)]


def test_what_is_refused_is_shown_with_its_reason():
    for name, reason in {f"ta.{name}": why for name, why in REFUSED.items()}.items():
        assert f"| `{name}` | {reason} |" in PAGE
    for name, reason in {**{name.lower(): why for name, why in EXCLUDED.items()}, **FENCED}.items():
        assert f"| `{name}` | {reason} |" in PAGE
