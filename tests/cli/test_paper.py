# SPDX-License-Identifier: Apache-2.0
"""`tandem paper` as a person starts it: dry runs, the sandbox, what is refused, what a person says to the journal."""

import json
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from tests.cli.conftest import SCREEN

pytest.importorskip("ib_async", reason="the extra `paper` is not installed")

LIMITS = "paper: {limits: {order_value: 2e6, order_shares: 1_000_000, position_value: 2e6, gross_value: 4e6}}"


@pytest.fixture
def paper(desk):
    desk.add(LIMITS)
    return desk


def said(done) -> str:
    assert "Traceback" not in done.stderr, done.stderr
    return " ".join((done.stdout + done.stderr).split())


def test_a_dry_run_in_the_sandbox_keeps_nothing(paper):
    done = paper.tandem("paper", "run.yaml", "--sandbox")
    assert done.returncode == 0, done.stderr
    assert "2020-01-31 dry run: this is what --send would send; nothing was kept or sent" in said(done)
    assert re.search(r"buy [\d,]+ AAA market, gtc", done.stdout)
    assert "gate buying power" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= SCREEN[0]
    assert not (paper.folder / "paper").exists()


def test_the_sandbox_trades_from_bar_to_bar(paper):
    done = paper.tandem("paper", "run.yaml", "--sandbox", "--send", "--days", "5")
    assert done.returncode == 0, done.stderr
    assert "5 decisions, 1 orders sent, 1 fills, equity" in said(done)
    assert "a backtest of these bars has the same 1 fills, to the last bit" in said(done)
    assert "nothing is halted" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= SCREEN[0]


def test_a_gate_says_why_it_is_closed(desk):
    done = desk.tandem("paper", "run.yaml", "--sandbox")
    assert "refused, gate order value" in said(done)
    assert "paper.limits.order_value" in said(done)


@pytest.mark.parametrize(("words", "says"), [
    (["paper", "status", "run.yaml"], ("nothing has run yet: there is no journal",)),
    (["paper", "halt", "run.yaml"], ("nothing has run yet: there is no journal",)),
    (["paper", "run.yaml", "--sandbox", "--live", "U1"], ("a sandbox has paper accounts alone",)),
    (["paper", "run.yaml", "--live", "U1234567", "--set", "paper.account=U7654321"],
     ("the configuration names another account",)),
    (["paper", "accept-positions", "run.yaml", "--yes", "--live", "U7654321", "--set", "paper.account=DU1234567"],
     ("the configuration names another account; nothing was sent", "found U7654321", "allowed DU1234567, which is")),
    (["paper", "run.yaml", "--sandbox", "--set", "fills.at=this_close"], ("cannot fill at it",)),
    (["paper", "run.yaml", "--sandbox", "--set", "fills.whole_shares=false"], ("takes whole shares",)),
    (["paper", "run.yaml", "--set", "data={source: sample, seed: 7}", "--set", "roles={large: SPY, small: IWM}"],
     ("a broker does not trade a synthetic market",)),
    (["paper", "accept-positions", "run.yaml", "--yes"], ("nothing has run yet",)),
    (["paper", "retry", "run.yaml", "AAA"], ("nothing has run yet",)),
])  # fmt: skip
def test_what_cannot_be_is_refused(desk, words, says):
    desk.refused(*words, says=says)


def test_without_a_broker_one_sentence_says_what_to_start(desk):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    done = desk.tandem("paper", "run.yaml", "--set", f"paper.port={port}")
    assert done.returncode == 1
    assert f"no broker at 127.0.0.1:{port}" in said(done)
    assert "start TWS or IB Gateway with its API enabled" in said(done)


def test_without_the_client_one_line_says_what_to_install(desk):
    for name in ("ib_async", "ib_insync"):
        desk.write(f"hidden/{name}.py", "raise ImportError('hidden')\n")
    desk.env["PYTHONPATH"] = str(desk.folder / "hidden")
    done = desk.tandem("paper", "run.yaml", "--sandbox", stdout=subprocess.PIPE)
    assert done.returncode == 2
    there = ": it is the broker's client;"
    if sys.version_info >= (3, 14):
        there = ", and ib_insync cannot be imported on Python 3.14 and newer: ib_async is the broker's client there;"
    assert f"error ib_async is not installed{there} install it with" in said(done)


@pytest.fixture
def broker(paper):
    """A sandbox in step; the desk, and the port of its control channel."""
    with paper.sandbox("--control-port", "0", "--speed", "step") as (told, _):
        port, control = map(int, re.findall(r"127\.0\.0\.1:(\d+)", told))
        paper.add("")
        paper.replace("run.yaml", "paper: {", f"paper: {{port: {port}, settle: 0.05, compared: 0, decide_after: 0, ")
        yield paper, control


def tell(port: int, **line):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as channel:
        channel.sendall(json.dumps(line).encode() + b"\n")
        return json.loads(channel.makefile().readline())


def test_old_data_send_nothing_and_the_journal_can_be_read(broker):
    desk, _ = broker
    done = desk.tandem("paper", "run.yaml", "--send", "--once")
    assert done.returncode == 1, done.stderr
    assert "! the data end on 2020-01-31, the last finished session is 20" in said(done)
    assert "error the last finished bar was not decided; the same command tries it again; 1 order refused or lost" in (
        said(done)
    )
    assert "refused, gate stale data: the market was open for" in said(done)
    status = desk.tandem("paper", "status", "run.yaml", "--json")
    shown = json.loads(status.stdout)
    jsonschema.validate(shown, json.loads(Path("docs/schemas/paper-status.json").read_text()))
    assert shown["account"] == "DU1000001"
    assert shown["positions"] == []
    assert shown["compared"], "nothing is held, and that was compared"
    assert shown["decided"]["session"] == "2020-01-31"
    assert [one["state"] for one in shown["orders"]] == ["dead"]
    assert "gate stale data" in shown["orders"][0]["why"]
    again = desk.tandem("paper", "run.yaml", "--send", "--once")
    assert (again.returncode, "this bar has been decided" in said(again)) == (1, True)
    assert "the last finished bar was not decided" in said(again)
    for words in (["status"], ["positions"], ["orders"]):
        done = desk.tandem("paper", *words, "run.yaml")
        assert done.returncode == 0
        assert max(map(len, done.stdout.splitlines())) <= SCREEN[0]
    assert "DU1000001" not in (desk.folder / "paper" / "t" / "log.jsonl").read_text()


def test_one_look_that_could_not_decide_has_failed(broker):
    desk, _ = broker
    for words in ([], ["--send", "--once"]):
        done = desk.tandem("paper", "run.yaml", *words, "--set", "paper.compared=3")
        assert done.returncode == 1
        assert "no decision: the data are not to be trusted" in said(done)
        assert "nothing was decided; the same command tries it again" in said(done)
        assert "the broker has no bar" in said(done)  # it is in step, and stands at the first of nine


def at(desk, moment: str) -> None:
    """Set the clock of the commands that follow, which are forked."""
    desk.env["MOMENT"] = moment


def test_a_timer_sees_that_the_data_have_stalled(broker):
    desk, _ = broker
    at(desk, "2020-01-31T21:20:00+00:00")
    for code, words in ((1, "error 1 order refused or lost"), (0, "this bar has been decided")):
        done = desk.tandem("paper", "run.yaml", "--send", "--once")
        assert (done.returncode, words in said(done)) == (code, True)
        assert "the data end" not in said(done)
    at(desk, "2020-02-03T20:59:00+00:00")  # the session is not over
    assert desk.tandem("paper", "run.yaml", "--send", "--once").returncode == 0
    at(desk, "2020-02-03T21:00:00+00:00")
    desk.write("alarm.py", "import sys; open('alarm.json', 'w').write(sys.stdin.read())\n")
    alarm = f"paper.alerts.command={sys.executable} alarm.py"
    for given in ((), ("--send", "--once", "--set", alarm)):
        done = desk.tandem("paper", "run.yaml", *given)
        assert done.returncode == 1
        assert "2020-01-31 this bar has been decided" in said(done)
        assert "! the data end on 2020-01-31, the last finished session is 2020-02-03: bring its bar" in said(done)
    told = json.loads((desk.folder / "alarm.json").read_text())
    assert (told["kind"], told["text"][:33]) == ("no decision", "the data end on 2020-01-31, the l")


def test_another_configuration_is_refused_before_anything_else(broker):
    """On a bar that has been decided too, and where the symbols are others, of which there are not even bars."""
    desk, _ = broker
    assert "decided and written down" in said(desk.tandem("paper", "run.yaml", "--send", "--once"))
    for setting in ("params.weight=0.4", "roles={large: AAA, small: CCC}"):
        for words in (["paper", "run.yaml"], ["paper", "run.yaml", "--send", "--once"],
                      ["paper", "accept-positions", "run.yaml", "--yes"]):  # fmt: skip
            done = desk.tandem(*words, "--set", setting)
            assert done.returncode == 2
            assert "another one than at the decision before at paper/t/journal.sqlite" in said(done)
            assert "or another `name`, for a journal of its own" in said(done)
    other = desk.tandem("paper", "run.yaml", "--set", "params.weight=0.4", "--set", "name=u")
    assert (other.returncode, "dry run" in said(other)) == (1, True)


def test_what_works_of_another_configuration_is_named(broker):
    desk, _ = broker
    assert "decided and written down" in said(desk.tandem("paper", "run.yaml", "--send", "--once"))
    with sqlite3.connect(desk.folder / "paper" / "t" / "journal.sqlite") as db:
        db.execute("UPDATE intents SET state = 'working', client = 17, order_id = 5")
    db.close()
    done = desk.tandem("paper", "run.yaml", "--set", "params.weight=0.4")
    assert done.returncode == 2
    assert "what works of it at the broker goes on, so cancel it in TWS first: buy " in said(done)
    assert re.search(r"first: buy [\d,]+ AAA market, gtc \(t-202001312100-1\.a0\)", said(done))


def test_a_new_journal_on_shares_that_are_held_asks_first(broker):
    """As from a scheduler that starts in another folder: the journal that bought them is somewhere else."""
    desk, control = broker
    at(desk, "2020-01-31T21:20:00+00:00")
    assert "error" not in tell(control, do="trade", symbol="AAA", quantity=7, price=100.0)
    journal = desk.folder / "paper" / "t" / "journal.sqlite"
    dry = desk.tandem("paper", "run.yaml")
    assert dry.returncode == 0
    assert "and the account holds 7 AAA: with --send nothing leaves until `tandem paper accept-positions" in said(dry)
    assert str(journal.resolve()).replace(" ", "") in said(dry).replace(" ", "")
    for _ in range(2):
        done = desk.tandem("paper", "run.yaml", "--send", "--once")
        assert done.returncode == 1
        assert "the account holds 7 AAA, and this journal is new:" in said(done)
        assert str(journal.resolve()).replace(" ", "") in said(done).replace(" ", "")
        assert "no order of any symbol is sent" in said(done)
    assert json.loads(desk.tandem("paper", "status", "run.yaml", "--json").stdout)["decided"] is None
    accepted = desk.tandem("paper", "accept-positions", "run.yaml", "--yes")
    assert (accepted.returncode, "accepted" in said(accepted)) == (0, True)
    assert "decided and written down" in said(desk.tandem("paper", "run.yaml", "--send", "--once"))
    assert "the account holds" not in said(desk.tandem("paper", "run.yaml"))


def test_a_file_that_is_no_journal_is_said_to_be_none(broker):
    desk, _ = broker
    desk.write("paper/t/journal.sqlite", b"these are no pages of a database " * 200)
    for words in (["paper", "run.yaml"], ["paper", "run.yaml", "--send", "--once"], ["paper", "status", "run.yaml"]):
        done = desk.tandem(*words)
        assert done.returncode == 2
        assert "this is no journal: file is not a database" in said(done)


@pytest.mark.parametrize("named", ["", "stop_all"])
def test_the_kill_file_is_said_wherever_a_person_looks(broker, named):
    desk, _ = broker
    given = ["--set", f"paper.limits.kill_file={named}"] if named else []
    kill = named or "paper/t/KILL"
    desk.write(kill, "")
    for words in (["paper", "run.yaml"], ["paper", "run.yaml", "--send", "--once"], ["paper", "status", "run.yaml"]):
        done = said(desk.tandem(*words, *given))
        assert f"! nothing is sent while the file {kill} exists" in done
        assert "nothing is halted" not in done
    shown = json.loads(desk.tandem("paper", "status", "run.yaml", "--json", *given).stdout)
    jsonschema.validate(shown, json.loads(Path("docs/schemas/paper-status.json").read_text()))
    assert shown["kill_file"] == kill
    (desk.folder / kill).unlink()
    assert "nothing is halted" in said(desk.tandem("paper", "status", "run.yaml", *given))
    assert json.loads(desk.tandem("paper", "status", "run.yaml", "--json", *given).stdout)["kill_file"] is None


def test_a_person_halts_resumes_and_accepts(broker):
    desk, control = broker
    assert "decided and written down" in said(desk.tandem("paper", "run.yaml", "--send", "--once"))
    assert "everything is halted" in said(desk.tandem("paper", "halt", "run.yaml", "--why", "on holiday"))
    halted = said(desk.tandem("paper", "halt", "run.yaml", "BBB"))
    assert "BBB is halted; `tandem paper resume run.yaml BBB` ends it" in halted
    status = said(desk.tandem("paper", "status", "run.yaml"))
    assert "everything is halted (person): on holiday" in status
    assert "BBB is halted (person)" in status
    assert "ended: person" in said(desk.tandem("paper", "resume", "run.yaml"))
    assert "ended: person" in said(desk.tandem("paper", "resume", "run.yaml", "BBB"))
    assert "ended: nothing" in said(desk.tandem("paper", "resume", "run.yaml"))
    for order in ("halt", "resume"):
        for symbol, nearest in (("bbb", "did you mean BBB?"), ("XYZ", "allowed AAA, BBB")):
            refused = desk.tandem("paper", order, "run.yaml", symbol)
            assert refused.returncode == 2
            assert f"the configuration does not trade it; nothing was changed found {symbol}" in said(refused)
            assert nearest in said(refused)
    assert "nothing is halted" in said(desk.tandem("paper", "status", "run.yaml"))
    again = desk.tandem("paper", "retry", "run.yaml", "AAA")
    assert (again.returncode, "no order of it was missed; nothing was sent" in said(again)) == (2, True)
    assert "the configuration does not trade it" in said(desk.tandem("paper", "retry", "run.yaml", "XYZ"))
    told = tell(control, do="trade", symbol="AAA", quantity=7, price=100.0)
    assert "error" not in told, told
    done = desk.tandem("paper", "run.yaml", "--send", "--once")
    assert (done.returncode, "; AAA is halted" in said(done)) == (1, True)
    assert "AAA is halted" in said(desk.tandem("paper", "status", "run.yaml"))
    resumed = desk.tandem("paper", "resume", "run.yaml", "AAA")
    assert "still halted" in said(resumed)
    assert max(map(len, resumed.stdout.splitlines())) <= 80
    accepted = said(desk.tandem("paper", "accept-positions", "run.yaml", "--yes", "--why", "it was me"))
    assert "accepted: the journal holds what the broker holds" in accepted
    assert "nothing is halted" in accepted
    rows = json.loads(desk.tandem("paper", "positions", "run.yaml", "--json").stdout)
    assert rows == [{"symbol": "AAA", "journal": 7.0, "broker": 7.0, "difference": 0.0, "agree": True}]


def test_a_session_shows_itself_and_ends_in_order(broker):
    desk, _ = broker
    desk.env["FORCE_COLOR"] = "1"  # as on a terminal
    process = desk.start("paper", "run.yaml", "--send")
    journal = desk.folder / "paper" / "t" / "journal.sqlite"
    for _ in range(200):
        time.sleep(0.05)
        if journal.exists() and '"decision"' in journal.with_name("log.jsonl").read_text():
            break
    time.sleep(2.5)  # the picture is drawn anew every two seconds
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    out = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", out)
    assert "DU1000001 link up (connected), compared" in " ".join(out.split())
    assert "bar 2020-01-31 equity 1,000,000.00" in " ".join(out.split())
    assert "Traceback" not in err


def test_the_log_of_a_service_has_each_line_as_it_is_known(broker):
    """Also of one that is killed: nothing waits in a buffer, and nothing is said twice."""
    desk, _ = broker
    process = desk.start("paper", "run.yaml", "--send")
    lines = []
    while not lines or "UTC  order t-" not in lines[-1]:
        lines.append(process.stdout.readline())
        assert lines[-1], process.stderr.read()
    process.kill()
    process.communicate()
    text = " ".join(" ".join(lines).split())
    assert re.match(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC", lines[0])
    assert text.count("UTC link up (connected), compared") == 1
    assert text.count("2020-01-31 decided and written down") == 1
    assert "refused, gate stale data" in text
    assert re.search(r"UTC order t-202001312100-1\.a0, [\d,]+ AAA market: dead, 0 filled: gate ", text)


def test_an_account_that_the_sandbox_lists_may_be_said(paper):
    """Ids as short as the sandbox takes them: what it lists as allowed is allowed."""
    at(paper, "2020-01-31T21:20:00+00:00")
    with paper.sandbox("--speed", "step", "--account", "DU1", "--account", "DU2") as (told, _):
        port = re.search(r"127\.0\.0\.1:(\d+)", told)[1]
        given = ("--set", f"paper.port={port}", "--set", "paper.compared=0", "--set", "paper.settle=0.05")
        done = paper.tandem("paper", "run.yaml", *given)
        assert done.returncode == 2
        assert "the login has several accounts: say which" in said(done)
        assert "allowed DU1, DU2" in said(done)
        done = paper.tandem("paper", "run.yaml", *given, "--set", "paper.account=DU1")
        assert (done.returncode, "dry run" in said(done)) == (0, True), done.stderr


def test_a_client_id_in_use_is_told_from_a_broker_that_is_not_there(broker):
    """At once, and the remedy is true: under another id a dry run looks on beside the session."""
    desk, _ = broker
    process = desk.start("paper", "run.yaml", "--send")
    journal = desk.folder / "paper" / "t" / "journal.sqlite"
    try:
        for _ in range(400):
            time.sleep(0.05)
            log = journal.with_name("log.jsonl")
            if log.exists() and '"decision"' in log.read_text():
                break
        began = time.monotonic()
        done = desk.tandem("paper", "run.yaml")
        took = time.monotonic() - began
        assert done.returncode == 1
        assert "client 17 is connected to the broker at 127.0.0.1:" in said(done)
        assert "look beside it with `--set paper.client=N`, another number" in said(done)
        assert "start TWS" not in said(done)
        assert took < 9.0, "it does not wait until ten seconds have passed"
        done = desk.tandem("paper", "run.yaml", "--set", "paper.client=18")
        assert (done.returncode, "this bar has been decided" in said(done)) == (1, True), done.stderr
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


def test_a_dry_run_works_on_a_copy_of_the_journal(broker):
    desk, _ = broker
    assert "decided and written down" in said(desk.tandem("paper", "run.yaml", "--send", "--once"))
    journal = desk.folder / "paper" / "t" / "journal.sqlite"
    before = json.loads(desk.tandem("paper", "status", "run.yaml", "--json").stdout)
    done = desk.tandem("paper", "run.yaml")
    assert "this bar has been decided" in said(done)
    assert json.loads(desk.tandem("paper", "status", "run.yaml", "--json").stdout) == before
    shutil.rmtree(journal.parent)
    done = desk.tandem("paper", "run.yaml")
    assert "dry run" in said(done)
    assert not journal.exists()


def test_a_corrected_close_is_accepted_by_a_person(broker):
    desk, _ = broker
    at(desk, "2020-01-31T21:20:00+00:00")
    assert "decided and written down" in said(desk.tandem("paper", "run.yaml", "--send", "--once"))
    same = desk.tandem("paper", "accept-prices", "run.yaml", "--yes")
    assert (same.returncode, "there is nothing to accept" in said(same)) == (0, True)
    lines = (desk.folder / "bars" / "AAA.csv").read_text().splitlines()
    last = next(at for at, line in enumerate(lines, 1) if line.startswith("2020-01-31"))
    high = lines[last - 1].split(",")[lines[0].split(",").index("high")]
    desk.cell(last, "close", high)
    shown = said(desk.tandem("paper", "accept-prices", "run.yaml", "--yes"))
    assert f"another one than when it was decided on: {float(high)!r} in place of" in shown
    assert "accepted: what was decided stands" in shown


def test_an_alarm_that_reaches_nobody_is_said(broker):
    desk, _ = broker
    desk.tandem("paper", "run.yaml", "--send", "--once")
    desk.replace("run.yaml", "paper: {", "paper: {alerts: {command: 'false'}, ")
    done = desk.tandem("paper", "run.yaml", "--send", "--once")
    assert "! an alarm did not reach you (command: it ended with 1); see `paper.alerts`" in said(done)


def test_a_withdrawal_is_taken_out_of_the_loss_by_a_person(broker):
    desk, _ = broker
    desk.tandem("paper", "run.yaml", "--send", "--once")
    nothing = desk.tandem("paper", "accept-cash", "run.yaml", "--yes")
    assert (nothing.returncode, "there is nothing to accept" in said(nothing)) == (0, True)
    with sqlite3.connect(desk.folder / "paper" / "t" / "journal.sqlite") as db:  # the day began with more
        db.execute("UPDATE about SET value = value + 200000.0 WHERE key IN ('day_equity', 'day_cash')")
    db.close()
    shown = said(desk.tandem("paper", "run.yaml", "--send", "--once"))
    assert "200,000.00 dollars of cash went out without a fill: where that was a withdrawal" in shown
    status = desk.tandem("paper", "status", "run.yaml")
    assert "today 200,000.00 dollars of cash without a fill went out" in said(status)
    accepted = desk.tandem("paper", "accept-cash", "run.yaml", "--yes", "--why", "rent")
    assert (accepted.returncode, "nothing is halted" in said(accepted)) == (0, True)
    words = "200,000.00 dollars of cash went out without a fill accepted: the day's loss is counted from"
    assert words in said(accepted)
    assert json.loads(desk.tandem("paper", "status", "run.yaml", "--json").stdout)["cash_flow"] == 0.0


def test_a_comment_in_a_strategy_does_not_end_its_run_and_another_number_does(broker):
    desk, _ = broker
    assert "decided and written down" in said(desk.tandem("paper", "run.yaml", "--send", "--once"))
    rule = (desk.folder / "rule.py").read_text()
    desk.write("rule.py", "# read again\n" + rule.replace("    roles", '    """Words."""\n\n    roles', 1))
    assert "this bar has been decided" in said(desk.tandem("paper", "run.yaml", "--send", "--once"))
    desk.write("rule.py", rule + "\n\nMORE = 1\n")
    refused = desk.tandem("paper", "run.yaml", "--send", "--once")
    assert (refused.returncode, "another one than at the decision before" in said(refused)) == (2, True)
