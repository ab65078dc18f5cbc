# SPDX-License-Identifier: Apache-2.0
"""How a class of annotated fields becomes a numpy record: one place says the names, the types and the order."""

from functools import cache
from typing import Annotated, Any, Protocol, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

import numpy as np

F8: TypeAlias = Annotated[float, "f8"]
I8: TypeAlias = Annotated[int, "i8"]
I4: TypeAlias = Annotated[int, "i4"]
I2: TypeAlias = Annotated[int, "i2"]

T_co = TypeVar("T_co", covariant=True)


class Rows(Protocol[T_co]):
    """Numbered from 0: a numpy array, or a list of an interpreted run."""

    def __getitem__(self, index: int, /) -> T_co: ...
    def __len__(self) -> int: ...


def fields_of(row: type, **lengths: int) -> list[Any]:
    """(name, dtype) or (name, dtype, (length,)) a field of the class; lengths are those of its sequences by name."""
    fields: list[Any] = []
    for name, hint in _hints(row).items():
        many = get_origin(hint) is Rows
        (element,) = get_args(hint) if many else (hint,)
        kind = element.__metadata__[0] if get_origin(element) is Annotated else dtype_of(element)
        fields.append((name, kind, (lengths[name],)) if many else (name, kind))
    return fields


@cache
def dtype_of(row: type, **lengths: int) -> np.dtype[Any]:
    """The record of the fields of the class, packed, in their order."""
    return np.dtype(fields_of(row, **lengths))


@cache
def _hints(row: type) -> dict[str, Any]:
    return get_type_hints(row, include_extras=True)
