# SPDX-License-Identifier: Apache-2.0
"""The bridge to a paper account: where the broker is, when it is asked, and what a person allows it to do."""

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


class PaperAlerts(Section):
    """Who is told when the bridge halts, loses its broker, or finds a difference."""

    command: Annotated[str, Field(min_length=1), Kind("a command")] | None = None
    """Gets each alarm as JSON on its standard input; words as a shell would split them, no shell is asked."""
    webhook: (
        Annotated[str, Field(pattern=r"^https?://"), Kind("an address that begins with https:// or http://")] | None
    ) = None
    """Gets each alarm as the body of a POST."""


class Paper(Section):
    """`tandem paper`: the same strategy on a broker's paper account. A backtest does not read it."""

    host: Annotated[str, Field(min_length=1), Kind("a host")] = "127.0.0.1"
    """Where TWS or IB Gateway listens."""
    port: Annotated[int, Field(ge=1, le=65_535)] = 4002
    """Of its API. Paper: 4002 for IB Gateway, 7497 for TWS."""
    client: Annotated[int, Field(ge=1, le=999_999)] = 17
    """Client id of the bridge, its own for as long as its orders live; 0 would see orders made by hand."""
    account: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,20}$"), Kind("an account's id such as DU1234567")] | None = (
        None
    )
    """Account that trades; null: the only one behind the login."""
    folder: Annotated[str, Field(min_length=1), Kind("a folder")] = "paper"
    """Holds FOLDER/NAME with the journal, the log and the kill file; relative to the working directory."""
    decide_after: Annotated[float, Field(ge=0, le=1440), Unit("minutes")] | None = None
    """After the close of a bar, for its data to arrive, the decision is made; null: 30, until which a session's bar
    may not be final, and 15 where bars are shorter than a session."""
    compared: Annotated[int, Field(ge=0, le=60), Unit("sessions")] = 5
    """Last sessions of the data that the broker's own history must agree with, within `tolerance`. 0: not compared."""
    tolerance: Annotated[float, Field(ge=0, le=0.1), OfPrice] = 0.002
    """How far a close of the data may be from the broker's, and from what it was when it was decided on."""
    reconcile_every: Annotated[float, Field(gt=0, le=1440), Unit("minutes")] = 10.0
    """How often the journal is compared with the broker, beside every time the link has changed."""
    settle: Annotated[float, Field(gt=0, le=120), Unit("seconds")] = 5.0
    """Between two looks at what the broker does not explain."""
    answer: Annotated[float, Field(gt=0, le=120), Unit("seconds")] = 10.0
    """How long the broker may take to speak of a new order before it is asked."""
    alerts: PaperAlerts = PaperAlerts.model_construct()
    """Who is told."""
    limits: PaperLimits = PaperLimits.model_construct()
    """The most that the run may do."""

    def patience(self, within_day: bool) -> float:
        """Minutes from the close of a bar to its decision; within_day: of bars that are shorter than a session."""
        if self.decide_after is not None:
            return self.decide_after
        return 15.0 if within_day else 30.0
