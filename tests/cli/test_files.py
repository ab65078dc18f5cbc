# SPDX-License-Identifier: Apache-2.0
"""Files as people have them, through the real command: read where it is certain what is meant, else refused."""

import gzip
import io
import re
import zipfile

import pandas as pd
import pytest

from tests.cli.data_desk import DataDesk, bars_text

DAYS = ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-08", "2024-01-09", "2024-01-10", "2024-01-11"]
PRICES = [1000.5, 1010.25, 1020.0, 1030.75, 1040.5, 1050.0, 1060.25, 1070.5]
PLAIN = bars_text(DAYS, PRICES)


@pytest.fixture
def desk(tmp_path) -> DataDesk:
    return DataDesk(tmp_path, {"HOME": str(tmp_path), "TANDEM_CACHE_DIR": str(tmp_path / "cache"), "PATH": "/usr/bin"})


def right(ran) -> None:
    """The bars of DAYS at PRICES: 10 shares from the second open on."""
    features = ran.ok().table("features")
    assert [str(day) for day in features["session"]] == DAYS
    assert features["x.close"].tolist() == PRICES
    assert ran.table("equity")["equity"].iloc[-1] == 100_000 + 10 * (PRICES[-1] - PRICES[1])


def run(desk, **data):
    return desk.run(data, "market(0, 10.0)")


def packed(text: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("X.csv", text)
    return held.getvalue()


YFINANCE = "Price,Close,High,Low,Open,Volume\nTicker,X,X,X,X,X\nDate,,,,,\n" + "".join(
    f"{day},{p},{p},{p},{p},100000\n" for day, p in zip(DAYS, PRICES, strict=True)
)
HEAD = PLAIN.splitlines()[0]


def comma(price: float) -> str:
    return f"{price:.2f}".replace(".", ",")


def german(price: float) -> str:
    return f"{price:,.2f}".translate(str.maketrans(",.", ".,"))


def rows(cell, divider: str, volume: str = "100000") -> str:
    head = HEAD.replace(",", divider)
    made = [divider.join([day, *[cell(p)] * 4, volume]) for day, p in zip(DAYS, PRICES, strict=True)]
    return "\n".join([head, *made]) + "\n"


def turned() -> str:
    lines = PLAIN.splitlines()
    return "\n".join([lines[0], *reversed(lines[1:])]) + "\n"


def stamped(time: str) -> str:
    return re.sub(r"^(2024-\d\d-\d\d)", rf"\g<1>{time}", PLAIN, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("X.csv", PLAIN),
        ("X.csv", "\ufeff" + PLAIN),
        ("X.csv", PLAIN.encode("utf-16")),
        ("X.csv.gz", gzip.compress(PLAIN.encode())),
        ("X.zip", packed(PLAIN)),
        ("X.csv.zip", packed(rows(comma, ";"))),
        ("X.csv", YFINANCE),
        ("X.csv", YFINANCE.replace("Date,,,,,\n", "")),
        ("X.csv", PLAIN.replace(",", ";")),
        ("X.csv", PLAIN.replace(",", "\t")),
        ("X.csv", rows(comma, ";")),
        ("X.csv", rows(german, ";", "100.000")),
        ("X.csv", rows(lambda p: f'"{p:,.2f}"', ",", '"100,000"')),
        ("X.csv", turned()),
        ("X.csv", stamped("T16:00:00")),
        ("X.csv", stamped("T20:00:00")),
        ("X.csv", stamped("T21:00:00Z")),
        ("X.csv", stamped("T05:00:00Z")),
        ("X.csv", stamped("T16:00:00-05:00")),
        ("X.csv", stamped("T05:00:00")),
    ],
)
def test_is_read(desk, name, content):
    desk.write(name, content)
    right(run(desk))


def test_in_summer_the_exchanges_midnight_is_another(desk):
    days = ["2024-07-01", "2024-07-02", "2024-07-03", "2024-07-05"]
    desk.write("X.csv", bars_text([f"{day}T04:00:00Z" for day in days], [10.0, 11.0, 12.0, 13.0]))
    assert [str(day) for day in run(desk).ok().table("features")["session"]] == days


def test_on_both_sides_of_a_change_of_clocks(desk):
    stamps = ["2024-03-07T05:00:00Z", "2024-03-08T05:00:00Z", "2024-03-11T04:00:00Z", "2024-03-12T04:00:00Z"]
    desk.write("X.csv", bars_text(stamps, [10.0, 11.0, 12.0, 13.0]))
    assert [str(day) for day in run(desk).ok().table("features")["session"]] == [stamp[:10] for stamp in stamps]


@pytest.mark.parametrize("time", ["T14:30:00Z", "T15:00:00Z", "T20:55:00Z"])
def test_one_bar_a_session_may_be_a_piece_and_the_key_reads_it(desk, time):
    desk.write("X.csv", stamped(time))
    run(desk).refused("data.daily", "cannot be told", "true: each is a daily bar")
    right(run(desk, daily=True))


@pytest.mark.parametrize("mark", [",", "."])
def test_numbers_that_may_be_either_are_refused_and_the_key_reads_them(desk, mark):
    cells = [f"1,00{n}" for n in range(8)]
    text = "\n".join(
        [HEAD.replace(",", ";"), *(f"{day};{c};{c};{c};{c};5" for day, c in zip(DAYS, cells, strict=True))]
    )
    desk.write("X.csv", text + "\n")
    run(desk).refused("open is not a number", "data.decimal says which")
    closes = run(desk, decimal=mark).ok().table("features")["x.close"].tolist()
    assert closes == [1.0 + n / 1000 if mark == "," else 1000.0 + n for n in range(8)]


@pytest.mark.parametrize("beside", ["0.0", "0.25"])
def test_what_a_comma_in_prices_is_no_other_column_says(desk, beside):
    """267,840 beside a dividend of 0.0 is 267.84 of one program and 0.0 of another, or 267,840."""
    lines = [f"{day};{c};{c};{c};{c};500;{beside}" for day in DAYS for c in ["267,840"]]
    desk.write("X.csv", "\n".join([f"{HEAD},dividend".replace(",", ";"), *lines]) + "\n")
    run(desk).refused("open is not a number", "found '267,840'", "data.decimal says which")
    assert run(desk, decimal=".").ok().table("features")["x.close"].tolist() == [267_840.0] * 8
    run(desk, decimal=",").refused(
        "dividend is not a number at X.csv:2", f"found '{beside}'", "digits with , before the decimals"
    )


@pytest.mark.parametrize(
    "cell",
    [
        lambda p: f"{p:,.2f}".replace(",", " ").replace(".", ","),
        lambda p: f"{p:,.2f}".replace(",", "\xa0").replace(".", ","),
        lambda p: f"{p:,.2f}".replace(",", "'"),
        lambda p: f"${p:.2f}",
        lambda p: f"{p:.2f}M",
    ],
    ids=["blank", "no-break", "apostrophe", "dollar", "million"],
)
@pytest.mark.parametrize("decimal", [None, ",", "."])
def test_signs_between_digits_are_to_be_taken_out(desk, cell, decimal):
    """Nothing that data.decimal can say reads them, so it is not asked for; without the sign the file is read."""
    key = {} if decimal is None else {"decimal": decimal}
    desk.write("X.csv", rows(cell, ";"))
    ran = run(desk, **key).refused("open is not a number", "take blanks, apostrophes, signs of currency and letters")
    assert "data.decimal" not in ran.err
    desk.write("X.csv", rows(lambda p: re.sub(r"[ \xa0'$M]", "", cell(p)), ";"))
    right(run(desk))


@pytest.mark.parametrize("volume", ["86.66", "86,66"])
def test_a_volume_in_millions_does_not_say_what_prices_are(desk, volume):
    lines = [f"{day};{c};{c};{c};{c};{volume}" for day in DAYS for c in ["267,840"]]
    desk.write("X.csv", "\n".join([HEAD.replace(",", ";"), *lines]) + "\n")
    run(desk).refused("open is not a number", "data.decimal says which")


def test_a_volume_with_thousands_beside_plain_prices_is_read(desk):
    desk.write("X.csv", rows(lambda p: f"{p:.2f}", ";", "100,000"))
    right(run(desk))


def test_a_map_onto_a_name_that_is_also_ours(desk):
    """`close` from `Adj Close`, `open` from `Close`: every column is what the map says."""
    lines = [f"{day},1,{p},{p},{p},{p},5" for day, p in zip(DAYS, PRICES, strict=True)]
    desk.write("X.csv", "\n".join(["Date,Open,High,Low,Close,Adj Close,Volume", *lines]) + "\n")
    right(run(desk, columns={"close": "Adj Close", "open": "Close"}))


def test_a_map_onto_one_column_for_two_of_ours(desk):
    lines = [f"{day},{p},{p},{p},5" for day, p in zip(DAYS, PRICES, strict=True)]
    desk.write("X.csv", "\n".join(["date,high,low,close,volume", *lines]) + "\n")
    right(run(desk, columns={"open": "close", "close": "close"}))


def test_several_symbols_under_one_header_are_refused_with_what_to_do(desk):
    desk.write("X.csv", "Price,Close,Close\nTicker,X,Y\nDate,,\n2024-01-02,1,2\n")
    run(desk).refused("the bars of several symbols", "multi_level_index=False")


def test_a_damaged_archive_is_refused(desk):
    desk.write("X.csv.gz", gzip.compress(PLAIN.encode())[:40])
    run(desk).refused("cannot be unpacked")
    (desk.folder / "X.csv.gz").unlink()
    desk.write("X.zip", b"PK no zip")
    run(desk).refused("cannot be unpacked")


def test_a_mistake_is_told_with_its_line_in_the_file(desk):
    desk.write("X.csv", YFINANCE.replace("2024-01-04,1020.0,1020.0", "2024-01-04,oops,1020.0"))
    run(desk).refused("X.csv:6", "Close is not a number")


def test_home_in_paths(desk):
    desk.write("bars/X.csv", PLAIN)
    right(run(desk, path="~/bars"))


def test_a_file_replaced_with_its_size_and_time_is_read_again(desk):
    import os

    path = desk.write("X.csv", PLAIN)
    right(run(desk))
    times = path.stat()
    path.write_text(PLAIN.replace("1070.5", "1075.5"))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert path.stat().st_size == times.st_size
    assert run(desk).ok().table("features")["x.close"].iloc[-1] == 1075.5


def test_parquet_with_a_map_onto_a_name_that_is_also_ours(desk):
    frame = pd.DataFrame({"date": pd.to_datetime(DAYS), "high": PRICES, "low": PRICES, "close": PRICES})
    frame.to_parquet(desk.folder / "X.parquet")
    right(run(desk, source="parquet", columns={"open": "close", "close": "close"}))
