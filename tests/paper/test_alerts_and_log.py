# SPDX-License-Identifier: Apache-2.0
"""Alarms reach a command and a webhook, or it is said that they did not; the log has no account's id in it."""

import asyncio
import http.server
import json
import socket
import sys
import threading

import pytest

from engine.paper import alerts as alerts_module
from engine.paper.alerts import Alerts
from engine.paper.log import Log, masked

ALARM = {"kind": "unknown", "symbol": "IWM", "text": "look"}


def test_a_command_gets_the_alarm(tmp_path):
    code = f"import sys; open({str(tmp_path / 'alarm')!r}, 'w').write(sys.stdin.read())"
    assert asyncio.run(Alerts(command=[sys.executable, "-c", code]).send(**ALARM))
    assert json.loads((tmp_path / "alarm").read_text()) == ALARM


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"command": [sys.executable, "-c", "raise SystemExit(3)"]}, "it ended with 3"),
        ({"command": [sys.executable, "-c", "raise SystemExit('no paper')"]}, "it ended with 1: no paper"),
        ({"command": ["/nowhere/at/all"]}, "[Errno 2] No such file or directory: '/nowhere/at/all'"),
        ({"command": [sys.executable, "-c", "import time; time.sleep(60)"]}, "no answer within 0.5 seconds"),
        ({"webhook": "http://127.0.0.1:1/"}, "Connection refused"),
        ({"webhook": "file:///etc/passwd"}, "a webhook begins with http:// or https://"),
    ],
)
def test_what_fails_is_said_and_stops_nothing(settings, why, monkeypatch):
    monkeypatch.setattr(alerts_module, "PATIENCE", 0.5)
    said = []
    assert not asyncio.run(Alerts(**settings, say=lambda event, **fields: said.append((event, fields))).send(**ALARM))
    assert [event for event, _ in said] == ["alarm", "alarm not delivered"]
    assert why in said[1][1]["why"]
    assert not said[1][1]["why"].endswith((":", ": "))


def test_a_webhook_that_speaks_no_http_stops_nothing():
    said = []

    def answer(server):
        caller, _ = server.accept()
        with caller:
            caller.sendall(b"what?\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, args=(server,))
        thread.start()
        webhook = f"http://127.0.0.1:{server.getsockname()[1]}/"
        assert not asyncio.run(Alerts(webhook=webhook, say=lambda event, **_: said.append(event)).send(**ALARM))
        thread.join()
    assert said == ["alarm", "alarm not delivered"]


def test_a_webhook_gets_the_alarm():
    posted = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        assert asyncio.run(Alerts(webhook=f"http://127.0.0.1:{server.server_port}/x").send(**ALARM))
        thread.join()
    assert posted == [ALARM]


def test_the_log_is_a_json_object_a_line_without_the_account(tmp_path):
    log = Log(tmp_path / "log" / "bridge.jsonl", "DU1234567")
    log("send", ref="a", text="order of DU1234567")
    log.close()
    (line,) = (tmp_path / "log" / "bridge.jsonl").read_text().splitlines()
    assert json.loads(line)["event"] == "send"
    assert "DU1234567" not in line
    assert "DU*****67" in line


@pytest.mark.parametrize(("account", "shown"), [("DU1234567", "DU*****67"), ("DU12", "****"), ("", "")])
def test_an_account_is_known_to_its_owner_alone(account, shown):
    assert masked(account) == shown
