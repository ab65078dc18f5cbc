# SPDX-License-Identifier: Apache-2.0
"""`tandem note` as a scheduler calls it: exit codes, one document, the broken ones first, delivery."""

import json
import os
import sys
import threading
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import jsonschema
import pytest

from tests import programs
from tests.cases import Case, days, flat
from tests.runs.note.test_changes import CLOSES, DATES, RULE

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs" / "schemas" / "note.json").read_text("utf-8"))


@pytest.fixture
def case(tmp_path) -> Case:
    """Two configurations in `runs`: one whose stop fills on the last day, and one that begins a day later."""
    made = Case(tmp_path)
    made.write("rule.py", RULE)
    opens = (100.0, *CLOSES[:-1])
    made.bars(
        f"{day},{start},{max(start, end)},{min(start, end)},{end},1000000,0,1"
        for day, start, end in zip(DATES, opens, CLOSES, strict=True)
    )
    text = (tmp_path / "case.yaml").read_text().replace("path: .", "path: ..").replace("rule.py", "../rule.py")
    made.write("runs/first.yaml", text.replace("name: case", "name: first"))
    made.write("runs/quiet.yaml", text.replace("name: case", "name: quiet") + "period: {start: 2024-06-27}\n")
    return made


def note(case: Case, *words: str):
    env = {"PATH": os.environ["PATH"], "HOME": str(case.folder), "TANDEM_CACHE_DIR": os.environ["TANDEM_CACHE_DIR"]}
    return programs.tandem("note", *words, cwd=case.folder, env=env)


def told(case: Case, *words: str) -> dict:
    done = note(case, *words, "--json")
    shown = json.loads(done.stdout)
    jsonschema.validate(shown, SCHEMA)
    assert done.returncode == shown["exit_code"]
    return shown


def test_a_file_whose_name_is_no_text_hides_none_of_the_others(case):
    kept = (case.folder / "runs/first.yaml").read_text()
    Path(os.fsdecode(os.fsencode(case.folder) + b"/runs/caf\xe9.yaml")).write_text(kept)
    shown = told(case, "runs", "--asof", DATES[2], "--html", "note.html", "--text", "note.txt", "--command", "cat")
    assert (shown["exit_code"], [one["name"] for one in shown["strategies"]]) == (2, ["first", "quiet"])
    (broken,) = shown["broken"]
    assert broken["file"] == "runs/caf\\xe9.yaml"
    assert "no text in UTF-8" in broken["why"]
    assert "caf\\xe9.yaml" in (case.folder / "note.html").read_text("utf-8")
    assert "caf\\xe9.yaml" in (case.folder / "note.txt").read_text("utf-8")


def test_all_is_well(case):
    shown = told(case, "runs", "--asof", DATES[2])
    assert (shown["exit_code"], shown["counts"]["configurations"]) == (0, 2)
    first, quiet = shown["strategies"]
    assert [one["name"] for one in (first, quiet)] == ["first", "quiet"]
    assert first["alarms"] == ["the regime is fear, it was calm"]
    assert first["changes"] == ["price is above high 102: 101.00 before, 103.00 now"]
    assert first["book"]["day"] == 2_000.0
    assert [one["quantity"] for one in first["send"]] == []
    assert [one["held"] for one in first["positions"]] == [1000.0]
    assert quiet["changes"][1] == "filled: bought 1,000 X at 101.00: the entry"


def test_orders_come_with_their_reasons(case):
    """At the first close: the entry, and the stop that waits 5 % below."""
    (one,) = told(case, "runs/first.yaml", "--asof", DATES[0], "--near", "6")["strategies"]
    assert [(order["quantity"], order["why"]) for order in one["send"]] == [
        (1000.0, "the entry"),
        (-1000.0, "the stop"),
    ]
    assert (one["book"]["day"], one["regimes"][0]["before"]) == (None, None)
    said = note(case, "runs/first.yaml", "--asof", DATES[0]).stdout
    wanted = ["Orders to send", "first", "  buy 1,000 X market, gtc", "    the entry"]
    assert said.splitlines()[3:7] == wanted


def test_a_stop_that_filled_is_an_alarm(case):
    (one,) = told(case, "runs/first.yaml", "--asof", DATES[4])["strategies"]
    assert one["alarms"] == ["filled: sold 1,000 X at 95.00: the stop"]


@pytest.mark.parametrize(("name", "text", "says"), [
    pytest.param("a.yaml", "name: x\nstrategy: no_such\nroles: {x: X}\n", "no such strategy", marks=pytest.mark.slow),
    ("a.yaml", "name: [", "runs/a.yaml"),
    pytest.param("zz.yaml", "", "runs/zz.yaml", marks=pytest.mark.slow),
    ("crash.yaml", None, "ZeroDivisionError"),
    pytest.param("exit.yaml", None, "SystemExit", marks=pytest.mark.slow),
], ids=["strategy", "yaml", "empty", "crash", "exit"])  # fmt: skip
def test_a_broken_one_is_named_first_and_hides_nobody(case, name, text, says):
    if text is None:
        what = {"crash.yaml": "1 / 0", "exit.yaml": "raise SystemExit(0)"}[name]
        body = RULE.replace("        return {", f"        {what}\n        return {{", 1)
        case.write("bad.py", body)
        text = (case.folder / "runs/first.yaml").read_text().replace("../rule.py", "../bad.py")
    case.write(f"runs/{name}", text)
    shown = told(case, "runs", "--asof", DATES[4])
    assert shown["exit_code"] == 2
    assert [one["file"] for one in shown["broken"]] == [f"runs/{name}"]
    assert says in shown["broken"][0]["why"] or says == shown["broken"][0]["file"]
    assert [one["name"] for one in shown["strategies"]] == ["first", "quiet"]
    done = note(case, "runs", "--asof", DATES[4])
    lines = done.stdout.splitlines()
    assert lines[1].startswith("1 configuration broken, ")
    assert lines[2].startswith(f"! runs/{name}")
    assert "sold 1,000 X at 95.00" in " ".join(done.stdout.split())


def test_what_is_not_there_hides_nobody(case):
    (case.folder / "empty").mkdir()
    shown = told(case, "gone.yaml", "empty", "runs/first.yaml", "runs", "--asof", DATES[4])
    assert [one["file"] for one in shown["broken"]] == ["gone.yaml", "empty"]
    assert "no such file" in shown["broken"][0]["why"]
    assert "the folder has no configuration" in shown["broken"][1]["why"]
    assert [one["name"] for one in shown["strategies"]] == ["first", "quiet"]


def test_nothing_decided_is_not_nothing_to_send(case):
    case.write("bad/a.yaml", "name: [")
    shown = told(case, "bad", "--asof", DATES[4])
    assert (shown["exit_code"], shown["headline"], shown["session"]) == (
        2,
        "1 configuration broken, nothing decided",
        None,
    )


def test_a_stale_one_says_so_and_dates_what_it_says(case):
    case.write("Y.csv", "date,open,high,low,close,volume,dividend,split\n" + "\n".join(flat(days("2024-06-26", 8))))
    text = (case.folder / "runs/first.yaml").read_text().replace("X}", "Y}").replace("name: first", "name: fresh")
    case.write("runs/fresh.yaml", text)
    asked = days("2024-06-26", 8)[-1]
    shown = told(case, "runs", "--asof", asked)
    assert (shown["exit_code"], shown["counts"]["stale"], shown["session"]) == (1, 2, asked)
    said = " ".join(note(case, "runs", "--asof", asked).stdout.split())
    assert f"! first: the bars end on {DATES[4]}: this is the decision at the close of {DATES[4]}" in said
    assert f"first ({DATES[4]}): filled: sold 1,000" in said
    assert "fresh: Y 1,000; calm since 2024-06-26" in said


@pytest.mark.parametrize(("words", "says"), [
    (["runs", "--webhook", "ftp://x"], "an address that begins with https://"),
    (["runs", "--command", "'"], "no command"), (["runs", "--command", ""], "no command"),
    (["runs", "--asof", "yesterday"], "not a date"),
])  # fmt: skip
def test_what_cannot_be_asked_is_refused(case, words, says):
    done = note(case, *words)
    assert done.returncode == 2
    assert says in " ".join(done.stderr.split())


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.addresses, self.words = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data):
        self.words.append(data)


def test_the_page_and_the_text(case):
    case.write("runs/a.yaml", "name: [")
    done = note(case, "runs", "--asof", DATES[4], "--html", "out/note.html", "--text", "note.txt")
    assert done.returncode == 2
    page = Page()
    page.feed((case.folder / "out/note.html").read_text(encoding="utf-8"))
    assert "script" not in page.tags
    assert page.addresses == []
    words = " ".join(" ".join(page.words).split())
    assert words.index("runs/a.yaml") < words.index("filled: sold 1,000 X at 95.00: the stop") < words.index("Books")
    text = (case.folder / "note.txt").read_text(encoding="utf-8")
    assert max(map(len, text.splitlines())) <= 78
    assert "\x1b" not in text
    assert "filled: sold 1,000 X at 95.00" in text


@pytest.mark.parametrize("option", ["--text", "--html"])
@pytest.mark.parametrize("file", ["runs/first.yaml", "runs/../runs/quiet.yaml"])
def test_a_configuration_that_is_read_is_not_written_over(case, option, file):
    before = (case.folder / file).read_bytes()
    done = note(case, "runs", option, file)
    assert done.returncode == 2
    assert f"{option}: this would overwrite a configuration that the note reads" in " ".join(done.stderr.split())
    assert (case.folder / file).read_bytes() == before


def test_what_files_say_is_no_markup(case):
    text = (case.folder / "runs/first.yaml").read_text()
    case.write("rule.py", RULE.replace("the stop", "<b>[red]the stop[/]"))
    case.write("runs/first.yaml", text)
    note(case, "runs/first.yaml", "--asof", DATES[4], "--html", "note.html", "--text", "note.txt")
    assert "&lt;b&gt;[red]the stop[/]" in (case.folder / "note.html").read_text(encoding="utf-8")
    assert "<b>[red]the stop[/]" in (case.folder / "note.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(("form", "starts"), [
    ("text", "Morning note"), ("html", "<!doctype html>"), pytest.param("json", "{", marks=pytest.mark.slow),
])  # fmt: skip
def test_a_command_gets_the_note(case, form, starts):
    keep = f"{sys.executable} -c \"import sys; open('got', 'wb').write(sys.stdin.buffer.read())\""
    done = note(case, "runs", "--asof", DATES[2], "--command", keep, "--as", form)
    assert done.returncode == 0, done.stderr
    assert (case.folder / "got").read_text(encoding="utf-8").startswith(starts)


@pytest.mark.parametrize("words", [
    ["--command", "false"], pytest.param(["--command", "no-such-program"], marks=pytest.mark.slow),
    ["--webhook", "http://127.0.0.1:1/"],
])  # fmt: skip
def test_what_was_not_delivered_has_a_code_of_its_own(case, words):
    done = note(case, "runs", "--asof", DATES[2], *words)
    assert done.returncode == 3
    assert "the note was not delivered to the " in done.stderr
    assert done.stdout.startswith("Morning note")


def test_a_webhook_gets_it_with_its_kind(case):
    got = []

    class Ears(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((self.headers["Content-Type"], self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Ears)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        done = note(
            case, "runs", "--asof", DATES[2], "--webhook", f"http://127.0.0.1:{server.server_port}/", "--as", "json"
        )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert done.returncode == 0, done.stderr
    ((kind, body),) = got
    assert kind == "application/json"
    jsonschema.validate(json.loads(body), SCHEMA)


def test_a_paper_account_that_is_halted_needs_a_person(case):
    """The journal of tandem paper beside the working directory."""
    from engine.paper.comparison.person import halt
    from engine.paper.journal.journal import Journal

    place = case.folder / "paper" / "first"
    place.mkdir(parents=True)
    journal = Journal(place / "journal.sqlite", lambda: 1_720_000_000_000_000_000)
    assert told(case, "runs", "--asof", DATES[2])["strategies"][0]["paper"]["needs_a_person"] is False
    halt(journal, "X", "a person halted it")
    journal.close()
    (place / "KILL").touch()
    shown = told(case, "runs", "--asof", DATES[2])
    assert (shown["exit_code"], shown["strategies"][1]["paper"]) == (1, None)
    alarms = shown["strategies"][0]["alarms"]
    assert alarms[1].startswith("paper account halted, X: a person halted it")
    assert alarms[2] == "paper account: the kill file paper/first/KILL exists, nothing is sent"
    (place / "journal.sqlite").write_bytes(b"no journal at all, for sure")
    shown = told(case, "runs", "--asof", DATES[2])
    assert shown["exit_code"] == 1
    assert shown["strategies"][0]["alarms"][1].startswith("paper account: its journal cannot be read: ")
