# SPDX-License-Identifier: Apache-2.0
"""Random programs of the accepted language, compiled and interpreted. What the border lets through must agree."""

import random

import numpy as np
import pytest

from engine.errors import StrategyError
from engine.strategy.border import check_on_bar

STATEMENTS = 70
LEAVES = ["x", "y", "n", "k", "f.ratio_z", "f.momentum", "bar.small.close", "p.window", "p.enter", "s.best", "s.side",
          "2", "0.5", "-3", "7.25", "True", "ON", "Side.LONG", "Side.LONG.value", "bar.days"]  # fmt: skip
BINARY = ["+", "-", "*", "<", "<=", "==", "!=", "and", "or", "&", "|"]
CALLS = ["abs", "int", "float", "bool", "round", "math.floor", "math.tanh", "math.sqrt", "math.fabs", "not ", "-"]


def expression(draw, depth):
    if depth == 0 or draw.random() < 0.15:
        return draw.choice(LEAVES)
    inner = [expression(draw, depth - 1) for _ in range(3)]
    shape = draw.randrange(8)
    if shape < 4:
        return f"({inner[0]} {draw.choice(BINARY)} {inner[1]})"
    if shape == 4:
        return f"({inner[0]} {draw.choice(['/', '//', '%'])} (1.5 + math.fabs({inner[1]})))"
    if shape == 5:
        call = draw.choice(CALLS)
        return f"({call}({f'math.fabs({inner[0]})' if 'sqrt' in call else f'math.tanh({inner[0]})'}))"
    if shape == 6:
        return f"{draw.choice(['min', 'max'])}({inner[0]}, {inner[1]})"
    return f"({inner[0]} if {inner[1]} else {inner[2]})"


def program(draw):
    lines = ["x = 0.25", "y = f.ratio_z", "n = 3", "k = p.window"]
    for _ in range(STATEMENTS):
        target = draw.choice(["x", "y", "n", "k", "s.best", "s.side", "s.flag"])
        line = f"{target} = {expression(draw, 3)}"
        lines.append(f"if {expression(draw, 1)}:\n    {line}" if draw.random() < 0.3 else line)
        if target in {"n", "k"}:
            lines.append(f"{target} = {target} % 1000")
    # What runs away is brought back: whole numbers of compiled code have 64 bits.
    return [
        *lines,
        "s.best = math.tanh(s.best * 0.001 + y * 0.01) + f.momentum",
        "s.side = s.side % 1009",
        "s.flag = s.flag % 2",
        "s.seen[0] = f.momentum",  # whatever the border has refused of all this, something is done
    ]


def accepted_part(author, lines):
    """The program without the lines that the border refuses."""
    while True:
        strategy = author("\n".join(lines))
        first = strategy.on_bar.__code__.co_firstlineno + 2
        try:
            check_on_bar(strategy, ("ratio_z", "momentum"), strategy.roles, strategy.series)
        except StrategyError as error:
            bad = {problem.line - first for problem in error.problems}
            starts = np.cumsum([0, *(line.count("\n") + 1 for line in lines)])
            keep = [i for i in range(len(lines)) if not bad & set(range(int(starts[i]), int(starts[i + 1])))]
            if len(keep) == len(lines):
                raise
            lines = [lines[i] for i in keep]
        else:
            return strategy, lines


SEEDS = [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 60))]


@pytest.mark.parametrize("seed", SEEDS)
def test_random_programs_agree(author, both_modes, seed):
    strategy, lines = accepted_part(author, program(random.Random(seed)))
    assert len(lines) > STATEMENTS / 4
    both_modes(strategy)
