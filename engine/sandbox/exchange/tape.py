# SPDX-License-Identifier: Apache-2.0
"""The tape: executions of the broker's day with what they cost, as they stand after their latest revision."""

from __future__ import annotations

from engine.sandbox.tickets import Commission, Event, Execution


def base_of(exec_id: str) -> str:
    """What names an execution for good: its id without the revision."""
    return exec_id.rpartition(".")[0]


class Tape:
    """Executions by base, in order of arrival."""

    def __init__(self) -> None:
        self._executions: dict[str, Execution] = {}
        self._costs: dict[str, Commission] = {}

    def note(self, event: Event) -> None:
        """Take in an execution, a later revision of one, or a commission; other events are not its business."""
        if isinstance(event, Execution):
            self._executions[base_of(event.exec_id)] = event
        elif isinstance(event, Commission):
            self._costs[base_of(event.exec_id)] = event

    def clear(self) -> None:
        """A new day begins."""
        self._executions.clear()
        self._costs.clear()

    def executions(self) -> list[tuple[Execution, Commission | None]]:
        """Each with its commission, None until that is known."""
        return [(one, self._costs.get(base)) for base, one in self._executions.items()]
