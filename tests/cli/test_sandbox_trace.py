# SPDX-License-Identifier: Apache-2.0
"""`tandem sandbox record` before a Gateway, which a sandbox plays, and `compare` of what it wrote."""

import asyncio
import json
import os
import re
import signal
import socket

import ib_async
import pytest

from engine.sandbox.server import Server
from tests import programs
from tests.programs import TANDEM
from tests.sandbox.booth import REAL, Booth
from tests.sandbox.clients.checks import until
from tests.sandbox.talk import run

ACCOUNT = "DU7654321"


def tandem(folder, *words):
    return programs.tandem(*words, cwd=folder, env=os.environ)


def said(done):
    """Errors without their line breaks."""
    return " ".join(done.stderr.split())


async def _record(booth, path, act, *, interrupt=True):
    """Record what act does with the port of the recorder; exit code, output, errors."""
    async with Server(booth) as server:
        words = ("sandbox", "record", "--gateway-port", str(server.port), "--port", "0", "--out", str(path))
        child = await asyncio.create_subprocess_exec(
            TANDEM, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        line = (await asyncio.wait_for(child.stderr.readline(), 20)).decode()
        found = re.match(r"Listening on 127\.0\.0\.1:(\d+) for the Gateway at 127\.0\.0\.1:\d+\.", line)
        if found:
            await act(int(found[1]))
            if interrupt:
                child.send_signal(signal.SIGINT)
        out, errors = await asyncio.wait_for(child.communicate(), 20)
        return child.returncode, out.decode(), line + errors.decode()


async def trade(port):
    ib = ib_async.IB()
    await ib.connectAsync("127.0.0.1", port, clientId=4, raiseSyncErrors=True)
    done = ib.placeOrder(
        ib_async.Stock("SPY", "SMART", "USD"), ib_async.MarketOrder("BUY", 7, tif="DAY", orderRef="mine-1.a1")
    )
    await until(lambda: done.isDone() and done.fills and done.fills[0].commissionReport.execId)
    ib.disconnect()


async def nothing(_port):
    """Nobody connects."""


def test_a_session_is_recorded_and_compared(tmp_path):
    path = tmp_path / "theirs.jsonl"
    code, out, errors = run(_record(Booth((ACCOUNT,)), path, trade))
    assert code == 0, errors
    text = path.read_text()
    entries = [json.loads(line) for line in text.splitlines()]
    assert out == f"{len(entries)} messages in {path}.\n"
    assert ACCOUNT not in text
    assert "mine-1" not in text
    assert {"offer", "placeOrder", "execDetails", "commissionReport"} <= {entry["message"] for entry in entries}

    same = tandem(tmp_path, "sandbox", "compare", path, path)
    assert same.stdout == "Both say the same messages, with the same fields and the same lives of orders.\n"
    less = tmp_path / "ours.jsonl"
    less.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries if entry["message"] != "execDetails"))
    found = tandem(tmp_path, "sandbox", "compare", less, path)
    assert "execDetails: the Gateway sends it (1 times), the sandbox did not\n" in found.stdout
    assert found.returncode == 0


def test_of_an_account_that_is_no_paper_account_no_file_is_left(tmp_path):
    async def connect(port):
        with pytest.raises((ConnectionError, TimeoutError)):
            await ib_async.IB().connectAsync("127.0.0.1", port, clientId=4, timeout=0.5)

    path = tmp_path / "trace.jsonl"
    code, _, errors = run(_record(Booth((REAL,)), path, connect, interrupt=False))
    assert code == 1
    assert "an account that begins with 'U' is no paper account: nothing is recorded" in " ".join(errors.split())
    assert not path.exists()


def test_where_nothing_was_said_no_file_is_left(tmp_path):
    path = tmp_path / "trace.jsonl"
    code, out, _ = run(_record(Booth((ACCOUNT,)), path, nothing))
    assert (code, out) == (0, "Nothing was said, and no file is kept.\n")
    assert not path.exists()


def test_a_file_that_is_there_a_port_that_is_taken_and_no_trace_are_refused(tmp_path):
    path = tmp_path / "trace.jsonl"
    path.write_text("mine\n")
    there = tandem(tmp_path, "sandbox", "record", "--out", path)
    assert there.returncode == 2
    assert "exists already: a trace is written to a new file" in said(there)
    assert path.read_text() == "mine\n"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        new = tmp_path / "new.jsonl"
        busy = tandem(tmp_path, "sandbox", "record", "--out", new, "--port", str(taken.getsockname()[1]))
        assert busy.returncode == 2
        assert "cannot listen" in said(busy)
        assert not new.exists()
    wrong = tandem(tmp_path, "sandbox", "compare", path, path)
    assert wrong.returncode == 2
    assert "no entry of a trace at trace.jsonl:1" in said(wrong)
