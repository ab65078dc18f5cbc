# SPDX-License-Identifier: Apache-2.0
"""Why the border refuses what it refuses: numba cannot compile it, or the two modes really differ."""

import enum
import math

import numpy as np
import pytest
from numba import njit
from numba.core.errors import NumbaError, UnsupportedBytecodeError

pytestmark = pytest.mark.filterwarnings("ignore:Bitwise inversion:DeprecationWarning")
"""Python 3.12 warns of `~` on a bool, which is one of the programs."""

FAST = {"error_model": "numpy"}


class Side(enum.IntEnum):
    FLAT = 0
    LONG = 1


def numbers():
    draw = np.random.default_rng(5)
    return np.exp(draw.normal(0.0, 3.0, 40_000)).tolist()


def function(code):
    space = {"math": math, "Side": Side}
    exec("def f(x, n):\n " + code.replace("\n", "\n "), space)
    return space["f"]


@pytest.mark.parametrize(
    "code",
    [
        "return x ** 3",
        "return x ** -1",
        "return x ** 0.5",
        "return math.pow(x, 3)",
        "return math.gamma(1.0 + x / 1000.0)",
        "return math.hypot(x, 3.7)",
        "return round(round(x * 1000.0) / 200.0, 2)",
        "return ~(x > 1.0)",
        "return n << 70",
        "return n + 9223372036854775807",
    ],
)
def test_last_bits_or_meaning_differ(code):
    interpreted = function(code)
    compiled = njit(**FAST)(interpreted)
    assert any(interpreted(x, 3) != compiled(x, 3) for x in numbers())


def test_try_catches_only_when_interpreted():
    interpreted = function("try:\n return x / 0.0\nexcept Exception:\n return 1.0")
    assert interpreted(2.0, 1) == 1.0
    assert njit(**FAST)(interpreted)(2.0, 1) == math.inf


def test_a_name_without_a_value_is_garbage_in_compiled_code():
    interpreted = function("if n > 2:\n y = x\nreturn y")
    with pytest.raises(UnboundLocalError):
        interpreted(1.5, 1)
    compiled = njit(**FAST)(interpreted)
    assert compiled(1.5, 3) == interpreted(1.5, 3) == 1.5
    assert type(compiled(1.5, 1)) is float  # a number, whatever stood there


def test_a_whole_field_cuts_fractions_in_compiled_code():
    from numba import from_dtype, types

    row = np.zeros(1, [("side", "i8"), ("best", "f8")])

    def write(s):
        s.side = 1.7

    njit(types.void(from_dtype(row.dtype)), **FAST)(write)(row[0])
    assert row["side"][0] == 1


@pytest.mark.parametrize(
    "code",
    [
        "if (y := x * 2.0) > 1.0:\n return y\nreturn 0.0",
        "return x * Side.LONG",
        "return x == Side.LONG",
        "return max(Side.LONG, n)",
        "return int(Side.LONG)",
        "return 1.0 if Side.LONG else x",
        "return math.log(x, 10.0)",
        "return math.fmod(x, 2.0)",
        "return any((x > 1.0, n > 1))",
        "total = 0.0\nfor i in (0, 1.5):\n total += i\nreturn total",
        "return x in (1.5, 2)",
        "y, *z = x, n, 1.0\nreturn y",
        "y = x\ndel y\nreturn x",
        "import math as m\nreturn m.pi",
    ],
)
def test_numba_cannot(code):
    interpreted = function(code)
    interpreted(2.0, 3)
    with pytest.raises((NumbaError, UnsupportedBytecodeError)):
        njit(**FAST)(interpreted)(2.0, 3)
