# SPDX-License-Identifier: Apache-2.0
"""The page of a comparison: self-contained, the verdict as large as a leader's would be."""

import json
import re
from html import unescape

import numpy as np
import pytest

import engine
from engine.analytics.pair.lead_lag import Lag, LeadLag
from engine.report.compare.page import render
from engine.report.compare.verdicts import lead_verdict, response_verdicts


@pytest.fixture(scope="module")
def found():
    return engine.compare("IWM", "VIX").found


@pytest.fixture(scope="module")
def page(found):
    return render(found)


def drawn(page):
    return json.loads(re.search(r'id="figure-data">(.*?)</script>', page, flags=re.DOTALL)[1])["figures"]


def test_it_asks_nothing_of_the_network(page):
    outside = page[: page.index("<script>")] + page[page.rindex("</script>") :]
    assert "http" not in outside
    assert "src=" not in outside
    assert "location.reload" not in page


def test_every_chart_has_its_place(page):
    assert sorted(drawn(page)) == sorted(re.findall(r'id="chart-(\w+)"', page)) == [
        "correlation", "leads", "levels", "moves",
    ]  # fmt: skip


def test_the_same_findings_give_the_same_bytes(found, page):
    assert render(found) == page


def test_an_open_page_reads_itself_anew_where_it_is_kept(found):
    assert "setTimeout(() => location.reload(), 30000)" in render(found, 30)


def test_the_verdict_stands_as_large_as_any(found, page):
    words = unescape(re.search(r'<p class="verdict">(.*?)</p>', page)[1])
    assert words == lead_verdict(found)
    assert words.startswith("Neither leads: ")
    assert "<b>Neither leads</b>" in page


def test_the_episodes_are_all_there(found, page):
    for one in found.episodes:
        assert len(one.found) > 6, "more than the terminal shows"
        for each in one.found:
            assert f"<td>{found.pair.sessions[each.first]}</td>" in page
    begun = [len(trace["y"]) for trace in drawn(page)["levels"]["data"] if trace.get("mode") == "markers"]
    assert len(begun) == 2


def test_two_funds_have_a_sentence_in_place_of_episodes():
    page = render(engine.compare("IWM", "SPY").found)
    assert "neither of the two is one (--volatility SYMBOL says which" in page
    assert 'id="credit-support"' not in page
    assert "cannot be bought" not in page


def led_by(found, sessions, value, beyond):
    lags = [Lag(n, value if n == sessions else -0.5 if n == 0 else 0.01, 0.05, beyond, 900) for n in range(-10, 11)]
    return found.__class__(**{**vars(found), "lead_lag": (LeadLag("all days", 900, tuple(lags)),)})


@pytest.mark.parametrize(
    ("sessions", "value", "beyond", "says"),
    [
        (2, 0.3, 0.25, "IWM leads: IWM 2 sessions before VIX 0.30; the same day \N{MINUS SIGN}0.50."),
        (-1, -0.2, -0.12, "VIX leads: VIX 1 session before IWM \N{MINUS SIGN}0.20; the same day \N{MINUS SIGN}0.50."),
        (1, 0.07, 0.03, "outside what chance leaves, ±0.050, 0.5 % of the other's variance; given VIX's own"),
        (-1, 0.3, 0.02, "given IWM's own change on the earlier day 0.020 of it is left"),
        (1, 0.04, 0.04, "within what chance leaves, ±0.050; the same day it is"),
    ],
)
def test_who_leads_is_said(found, sessions, value, beyond, says):
    assert says in lead_verdict(led_by(found, sessions, value, beyond))


def test_a_response_is_worded_by_its_intervals(found):
    for said, one in zip(response_verdicts(found), found.responses, strict=True):
        alike = one.asymmetry.low <= 0 <= one.asymmetry.high
        assert ("falls and rises alike" in said) == alike
        if not alike:
            stronger = "falls more than rises" if abs(one.down.value) > abs(one.up.value) else "rises more than falls"
            assert stronger in said


def test_names_are_escaped():
    one = np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.01, 300)))
    data = {name: frame(steps) for name, steps in (("A<b>", 100 * one), ("C&D", 50 * one**1.5))}
    page = render(engine.compare("A<b>", "C&D", data=data, asof="2020-01-01").found)
    assert "A&lt;b&gt; and C&amp;D" in page
    assert "<b> and" not in page


def frame(prices):
    import pandas as pd

    from tests.cli.data_desk import session_days

    days = pd.DatetimeIndex(np.array(session_days("2018-01-02", len(prices)), "M8[D]"))
    return pd.DataFrame(dict.fromkeys(("open", "high", "low", "close"), prices) | {"volume": 1e6}, index=days)
