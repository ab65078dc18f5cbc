# SPDX-License-Identifier: Apache-2.0
"""What a person allows the bridge to do with an account: the numbers of its gates."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from engine.model.fields import Dollars, Kind, OfPrice, Positive, Section, Unit


class PaperLimits(Section):
    """The most that one run may do; an order beyond any of them is not sent, and the journal has the numbers."""

    order_value: Annotated[Positive, Dollars] = 50_000.0
    """Of one order, at the last close or its own limit or stop, whichever is more."""
    order_shares: Annotated[int, Field(ge=1), Unit("shares")] = 10_000
    """Of one order."""
    position_value: Annotated[Positive, Dollars] = 100_000.0
    """Of one symbol, long or short, if everything that works on its side fills."""
    gross_value: Annotated[Positive, Dollars] = 200_000.0
    """Of all symbols, long plus short, with what others hold in the account."""
    orders_per_minute: Annotated[int, Field(ge=1), Unit("orders")] = 20
    """The rest waits for its minute."""
    orders_per_day: Annotated[int, Field(ge=1), Unit("orders")] = 100
    """In a day of New York."""
    collar: Annotated[float, Field(gt=0, le=0.5), OfPrice] = 0.05
    """How far the market may have moved from the close that decided, and a limit may stand on its costly side."""
    daily_loss: Annotated[float, Field(gt=0, le=1), Unit("fraction of the day's first equity")] = 0.05
    """A loss beyond it halts everything until a person resumes, also after a restart."""
    stale_after: Annotated[float, Field(gt=0), Unit("minutes of open market")] = 30.0
    """How old the bar that decided may be; hours in which the exchange is closed do not count."""
    delayed_data: bool = False
    """Whether orders may be sent while the broker shows delayed prices."""
    short: bool = False
    """Whether a position may go short. Then the broker must show the shares as easy to borrow."""
    least_shortable: Annotated[float, Field(ge=0), Unit("the broker's figure")] = 2.5
    """Above 2.5 the broker has a thousand shares at hand; between 1.5 and 2.5 it would have to look for them."""
    kill_file: Annotated[str, Field(min_length=1), Kind("a file")] | None = None
    """While this file exists nothing is sent; null: `KILL` beside the journal."""
