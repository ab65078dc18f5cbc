# SPDX-License-Identifier: Apache-2.0
"""What the model is made of: units, kinds of text, bounded numbers, and the base of every section."""

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic_core import CoreSchema

from engine.model.file_names import MOST_BYTES
from engine.model.meanings import meanings


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit of a number, for `tandem config explain` and the JSON schema."""

    words: str

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The number's schema with its unit under `x-unit`."""
        return {**handler(core), "x-unit": self.words}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a text may be, in words, where a pattern alone would say it badly."""

    words: str


def _day(value: object) -> object:
    """A quoted date is a date; what is no ISO date goes on to pydantic, which refuses it."""
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            return value
    return value


def _known_timezone(value: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("no such time zone") from error
    return value


MOST_ROLES = 500
"""Most symbols of one list."""

Name = Annotated[
    str,
    Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$", max_length=MOST_BYTES),
    Kind(f"a name: a letter, then letters, digits, `_`, `.` or `-`; at most {MOST_BYTES} of them, as a file's has"),
]
TableName = Annotated[Name, Kind("the name of a cost table")]
Role = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]*$"), Kind("a name: a small letter, then small letters, digits or `_`")
]
Symbol = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9^][A-Za-z0-9.^=_-]*$"),
    Kind("a symbol such as IWM: letters, digits, `.`, `^`, `=`, `_` or `-`"),
]
Symbols = Annotated[
    list[Symbol],
    Field(min_length=1, max_length=MOST_ROLES),
    Kind("a list of symbols such as [SPY, IWM]"),
]
Day = Annotated[dt.date, BeforeValidator(_day)]
TimeZone = Annotated[str, AfterValidator(_known_timezone), Kind("a time zone such as UTC or America/New_York")]
Fraction = Annotated[float, Field(ge=0, le=1)]
NonNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]

Dollars = Unit("dollars")
PerShare = Unit("dollars a share")
OfValue = Unit("fraction of trade value")
OfPrice = Unit("fraction of the price")
PerYear = Unit("fraction a year")
LEAST_RATE, MOST_RATE = -0.1, 0.5
"""A rate of money, a fraction a year. Beyond these it was per cent that was meant: 3 is 300 % a year."""
RatePerYear = Annotated[float, Field(ge=LEAST_RATE, le=MOST_RATE), PerYear]
SpreadPerYear = Annotated[float, Field(ge=0, le=MOST_RATE), PerYear]
MOST_VOLATILITY = 5.0
"""An implied volatility, a fraction a year. Beyond it points were meant: 20 is 2,000 % a year."""
VolatilityPerYear = Annotated[float, Field(gt=0, le=MOST_VOLATILITY), PerYear]
OfMarket = Unit("fraction of market value")


@contextmanager
def _without_plugins() -> Iterator[None]:
    """Pydantic looks for its plugins in every installed package once it builds something, a fifth of all the building.

    They are for models that a program watches at work; a configuration is read once.
    """
    asked = os.environ.get("PYDANTIC_DISABLE_PLUGINS")
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    try:
        yield
    finally:
        if asked is None:
            del os.environ["PYDANTIC_DISABLE_PLUGINS"]
        else:
            os.environ["PYDANTIC_DISABLE_PLUGINS"] = asked


class Section(BaseModel):
    """Base of every section: unknown keys are refused, values cannot change.

    A section is built when it is first asked to check something: most are a part of RunConfig alone. Hence a default
    section is model_construct(), which checks nothing.

    The text below a key is what it means. pydantic's own `use_attribute_docstrings` would read all of them whenever the
    process starts, a tenth of what a short run takes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, defer_build=True)

    @classmethod
    def model_rebuild(cls, **named: Any) -> bool | None:
        with _without_plugins():
            return super().model_rebuild(**named)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The section's schema with what its keys mean."""
        made = handler(core)
        keys = handler.resolve_ref_schema(made)["properties"]
        for key, meaning in meanings(cls).items():
            keys[key] = dict(sorted({**keys[key], "description": meaning}.items()))
        return made

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_default(cls, data: Any) -> Any:
        """`params:` with nothing below it is a mapping that was left out, not a mistake."""
        if not isinstance(data, dict) or all(value is not None for value in data.values()):
            return data
        mappings = {name for name, field in cls.model_fields.items() if isinstance(field.default, Section | dict)}
        return {key: value for key, value in data.items() if value is not None or key not in mappings}
