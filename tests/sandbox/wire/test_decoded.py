# SPDX-License-Identifier: Apache-2.0
"""Each answer has the fields that a real client's decoder takes, at every version: it reads it whole, not one short."""

import logging

import pytest
from ib_async.decoder import Decoder

from engine.sandbox.wire.answers import LAYOUTS
from engine.sandbox.wire.layout import Many, Row, When

SPOKEN = [157, *range(159, 179)]
SAMPLE = {"int": 3, "long": 3, "double": 2.5, "size": 2.5, "flag": True, "text": "t"}
TEXTS = {
    "time": "20240105 15:30:00 US/Eastern",
    "date": "20240105",
    "expiry": "20240315",
}


class Wrapper:
    """Takes every call and keeps it."""

    def __init__(self):
        self.calls = []
        self.defaultTimezone = None

    def __getattr__(self, name):
        return lambda *words: self.calls.append((name, words))


def sample(rows):
    values = {}
    for row in rows:
        if isinstance(row, Many):
            values[row.name] = [] if row.name == "conditions" else [sample(row.rows)] * 2
        elif isinstance(row, Row):
            values[row.name] = (row.kind.name == "text" and TEXTS.get(row.name)) or SAMPLE[kind_of(row)]
        elif isinstance(row, When):
            values |= sample(row.rows) if row.test(values) else {}
    return values


def kind_of(row):
    return row.kind.name.split(" ")[0]


def decoded(fields, version):
    """What the client's decoder calls, and what it logs as an error."""
    decoder, said = Decoder(Wrapper(), version), []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())
    decoder.logger.addHandler(handler)
    try:
        decoder.interpret(list(fields))
    finally:
        decoder.logger.removeHandler(handler)
    return decoder.wrapper.calls, said


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda one: one.name)
def test_the_client_reads_the_whole_message_and_no_more(layout):
    for version in SPOKEN:
        reads_it_whole(layout, version)


def reads_it_whole(layout, version):
    fields = layout.write(sample(layout.rows), version)
    calls, said = decoded(fields, version)
    assert not said
    assert calls
    listed = Decoder(Wrapper(), version).handlers[layout.number].__closure__
    if listed:  # it zips fields with a list of types behind those that it skips: too few is no error to it
        types, skipped = (
            next(cell.cell_contents for cell in listed if type(cell.cell_contents) is kind) for kind in (list, int)
        )
        assert len(fields) == skipped + len(types)
    else:
        short, complaints = decoded(fields[:-1], version)
        assert complaints or repr(short) != repr(calls)
