# SPDX-License-Identifier: Apache-2.0
"""A running session line by line, for a log: what is new, with the time. A terminal gets a picture in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.clock import now
from engine.paper.views.terminal import halt_words, say_report
from engine.report.kit.words import shares, with_prices

if TYPE_CHECKING:
    from rich.console import Console

    from engine.paper.broker.port import LinkState
    from engine.paper.decision.look import Report


class Lines:
    """Writes each line whole, as soon as it is known: a service that is killed has told everything that it knew."""

    def __init__(self, screen: Console) -> None:
        self.screen = screen
        self._last: tuple[Any, ...] = ()
        self._told: frozenset[str] = frozenset()

    def report(self, report: Report) -> None:
        """A look at the market; the same one again says nothing."""
        decision = report.decision
        said = (report.step, report.why, decision and decision.session)
        if said != self._last or report.notices or report.sent:
            self._last = said
            self._say("")
            say_report(report, self.screen)

    def standing(self, shown: dict[str, Any], link: LinkState) -> None:
        """Link, positions, orders and halts, as far as they are not what they were."""
        words = standing_words(shown, link)
        for one in words:
            if one not in self._told:
                self._say(one)
        self._told = frozenset(words)

    def _say(self, words: str) -> None:
        self.screen.print(f"{now():%Y-%m-%d %H:%M:%S} UTC  {words}".rstrip(), soft_wrap=True, markup=False)


def standing_words(shown: dict[str, Any], link: LinkState) -> list[str]:
    """How a journal and the link stand, a sentence each."""
    compared = "compared" if link.ready else "not compared since"
    words = [f"link {'up' if link.up else 'DOWN'} ({link.last}), {compared}"]
    for one in shown["positions"]:
        apart = "" if one["agree"] else f", the broker has {shares(one['broker'])}"
        words.append(f"position {one['symbol']} {shares(one['journal'])}{apart}")
    for one in shown["orders"]:
        what = f"{shares(one['quantity'])} {one['symbol']} {with_prices(one['type'], one['prices'])}"
        why = f": {one['why']}" if one["why"] else ""
        words.append(f"order {one['ref']}, {what}: {one['state']}, {shares(one['filled'])} filled{why}")
    return words + ([f"! {one}" for one in halt_words(shown)] or ["nothing is halted"])
