# SPDX-License-Identifier: Apache-2.0
"""A strategy that travels arrives with its neighbours, is found again by its hash, and as nothing else."""

from dataclasses import replace

import pytest

import engine
from engine.errors import StrategyError
from engine.strategy.source.discover import find_strategy
from engine.strategy.source.identity import source_hash
from engine.strategy.source.sent import receive, send

OWN = """
from engine import Strategy
from rules.levels import LEVEL
from rules import near

class Mine(Strategy):
    roles = ("fund",)

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        orders.target(0, LEVEL + near.BY)
"""


@pytest.fixture
def mine(tmp_path, monkeypatch):
    monkeypatch.setenv("TANDEM_CACHE_DIR", str(tmp_path / "cache"))
    home = tmp_path / "home"
    (home / "rules").mkdir(parents=True)
    (home / "rules" / "__init__.py").write_text("")
    (home / "rules" / "levels.py").write_text("LEVEL = 0.5\n")
    (home / "rules" / "near.py").write_text("from .levels import LEVEL\nBY = LEVEL / 2\n")
    (home / "mine.py").write_text(OWN)
    (home / "notes.py").write_text("raise SystemExit('nobody imports this')\n")
    return find_strategy("mine.py", home)


def test_sources_travel_and_paths_do_not(mine, tmp_path):
    sent = send(mine)
    assert [name for name, _ in sent.files] == ["mine.py", "rules/__init__.py", "rules/levels.py", "rules/near.py"]
    (tmp_path / "home").rename(tmp_path / "gone")
    found = receive(sent)
    assert found is not mine
    assert found.__name__ == "Mine"
    assert source_hash(found) == sent.digest
    assert found.on_bar.__globals__["near"].BY == 0.25
    assert receive(sent) is found


def test_a_changed_copy_is_written_again_before_it_is_used(mine, tmp_path):
    sent = send(mine)
    receive(sent)
    (copy,) = (tmp_path / "cache" / "sent").rglob("levels.py")
    copy.write_text("LEVEL = 5.0\n")
    assert receive(sent).on_bar.__globals__["LEVEL"] == 0.5
    assert copy.read_text() == "LEVEL = 0.5\n"


def test_what_is_not_what_was_sent_is_refused(mine):
    files = tuple((name, content.replace(b"0.5", b"0.6")) for name, content in send(mine).files)
    with pytest.raises(StrategyError, match="the source of Mine is not the same here"):
        receive(replace(send(mine), files=files))


def test_one_that_comes_with_tandem_travels_by_name_and_hash(tmp_path):
    own = find_strategy("spread_trade", tmp_path)
    sent = send(own)
    assert sent.files == ()
    assert receive(sent) is own
    with pytest.raises(StrategyError, match="the source of SpreadTrade is not the same here"):
        receive(replace(sent, digest="0" * 64))


def test_a_class_of_a_session_is_refused():
    class Typed(engine.Strategy):
        roles = ("fund",)

    Typed.__module__ = "a_session"
    with pytest.raises(StrategyError, match=r"Typed was written in a session .* the class in a file"):
        send(Typed)


@pytest.mark.usefixtures("mine")
def test_files_elsewhere_are_refused(tmp_path, monkeypatch):
    away = tmp_path / "away"
    away.mkdir()
    (away / "elsewhere_levels.py").write_text("LEVEL = 0.1\n")
    monkeypatch.syspath_prepend(str(away))
    (tmp_path / "home" / "mine.py").write_text(OWN.replace("rules.levels", "elsewhere_levels"))
    with pytest.raises(StrategyError, match=r"imports a file of yours outside .*elsewhere_levels\.py"):
        send(find_strategy("mine.py", tmp_path / "home"))
