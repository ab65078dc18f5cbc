# SPDX-License-Identifier: Apache-2.0
"""Who may connect, how, and for how long; what every client is told; what is kept of what they sent."""

import asyncio
import struct

import ib_async
import pytest

from engine.errors import InputError
from engine.sandbox import session
from engine.sandbox.desk.client import Terms
from engine.sandbox.server import Server, check_loopback
from engine.sandbox.tickets import AccountValue, Contract, OrderKey, Ticket
from engine.sandbox.wire.frames import LARGEST
from tests.sandbox.booth import PAPER, REAL, SECOND_PAPER, Booth, Hands, closed_bars
from tests.sandbox.talk import Talk, message, run, serving

SPY = {
    "conId": 0, "symbol": "SPY", "secType": "STK", "expiry": "", "strike": 0.0, "right": "", "multiplier": "",
    "exchange": "SMART", "primaryExchange": "", "currency": "USD", "localSymbol": "", "tradingClass": "",
}  # fmt: skip


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "10.0.0.1", "example.org", "", "*"])
def test_other_addresses_than_loopback_are_refused_with_the_reason(host):
    with pytest.raises(InputError, match="this machine alone: its protocol has no password") as refused:
        check_loopback(host)
    assert refused.value.problems[0].found == repr(host)

    async def scene():
        with pytest.raises(InputError):
            await Server(Booth()).start(host)

    run(scene())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2", "::1"])
def test_loopback_is_served(host):
    check_loopback(host)


@pytest.mark.parametrize("offer", ["v179..225", "v203..203"])
def test_a_client_of_protobuf_alone_is_told_the_range_and_let_go(offer):
    async def scene():
        async with serving(Booth()) as server, Talk.to(server) as talk:
            talk.send(b"API\0" + struct.pack(">I", len(offer)) + offer.encode())
            fields = (await talk.frame()).decode().split("\0")
            assert fields[:4] == ["4", "2", "-1", "502"]
            assert fields[4].startswith("the sandbox speaks versions 157 to 178 of the protocol without 158;")
            assert await talk.ended()
            assert not server.received

    run(scene())


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "a client begins with"),
        (b"API\0" + struct.pack(">I", LARGEST + 1), "the longest that is read"),
        (b"API\0" + struct.pack(">I", 5) + b"hello", "such as v157..178"),
        (b"API\0" + bytes(4), "a frame of no bytes"),
    ],
)
def test_what_is_no_client_is_told_and_let_go(data, says):
    async def scene():
        async with serving(Booth()) as server, Talk.to(server) as talk:
            talk.send(data)
            assert says in (await talk.frame()).decode()
            assert await talk.ended()

    run(scene())


def test_an_oversized_frame_ends_a_connection_that_stood():
    async def scene():
        async with serving(Booth()) as server, Talk.to(server, client=1) as talk:
            talk.send(struct.pack(">I", 2**32 - 1) + b"x" * 100)
            name, values = await talk.read()
            assert (name, values["code"]) == ("error", 320)
            assert "a frame of 4294967295 bytes" in values["text"]
            assert await talk.ended()
            assert server.clients == []

    run(scene())


@pytest.mark.parametrize("begun", [b"", b"AP", b"API\0", b"API\0\0\0\0\x09v157", "started"])
def test_a_handshake_that_does_not_end_is_given_up(begun):
    async def scene():
        async with serving(Booth(), patience=0.05) as server, Talk.to(server) as talk:
            if begun == "started":
                await talk.shake("v157..178")  # and no startApi
            else:
                talk.send(begun)
            assert await talk.ended()

    run(scene())


def test_a_frame_that_drips_without_end_is_given_up_and_one_that_ends_is_not():
    async def scene():
        async with serving(Booth(), patience=0.5) as server, Talk.to(server, client=1) as talk:
            for byte in message("reqCurrentTime", 178):
                talk.send(bytes([byte]))
                await asyncio.sleep(0)
            assert (await talk.read())[0] == "currentTime"
            await asyncio.sleep(0.55)
            talk.say("reqCurrentTime")
            assert (await talk.read())[0] == "currentTime", "a silent client stays"
            talk.send(struct.pack(">I", 1000))
            for _ in range(10):
                talk.send(b"x")
                await asyncio.sleep(0.01)
            name, values = await talk.read()
            assert (name, values["code"]) == ("error", 320)
            assert "was not finished within 0.5 seconds" in values["text"]
            assert await talk.ended()

    run(scene())


def test_a_client_that_does_not_read_is_dropped(monkeypatch):
    monkeypatch.setattr(session, "MOST_UNREAD", 1 << 16)

    async def scene():
        booth, many = Booth(), closed_bars(3000)
        booth.history = lambda _query: many
        async with serving(booth) as server, Talk.to(server, client=1) as talk:
            talk.writer.transport.pause_reading()
            for _ in range(300):
                talk.say(
                    "reqHistoricalData", reqId=1, **SPY, includeExpired=False, end="", barSize="1 day", duration="9 D",
                    useRTH=True, whatToShow="TRADES", formatDate=1, keepUpToDate=False, options="",
                )  # fmt: skip
                await asyncio.sleep(0)
                if not server.clients:
                    return
            raise AssertionError("what waits for the client has no bound")

    run(scene())


def test_a_request_before_the_start_ends_the_connection():
    async def scene():
        async with serving(Booth()) as server, Talk.to(server) as talk:
            await talk.shake("v157..178")
            talk.say("reqGlobalCancel")
            assert "reqGlobalCancel came before startApi" in (await talk.read())[1]["text"]
            assert await talk.ended()

    run(scene())


def test_a_request_that_does_not_read_is_told_by_field_and_the_connection_stands():
    async def scene():
        async with serving(Booth()) as server, Talk.to(server, client=1) as talk:
            for fields, key, says in (
                (["3", "17", "x"], 17, "placeOrder: field 2, conId, is 'x'; it should be a whole number of 32 bits"),
                (["4", "1", "18", "", "surplus"], 18, "cancelOrder: 1 fields are left over"),
                (["92", "19", "DU1"], 19, "reqPnL: ends after 2 fields, where model is due"),
                (["61"], -1, "reqPositions: ends after 0 fields"),
                (["205", "1"], -1, "no message of versions up to 178 has the number '205'"),
            ):
                payload = "".join(f"{text}\0" for text in fields).encode()
                talk.send(struct.pack(">I", len(payload)) + payload)
                name, values = await talk.read()
                assert (name, values["id"], values["code"]) == ("error", key, 320)
                assert says in values["text"]
            assert server.clients == [1]
            assert "placeOrder" not in server.counts

    run(scene())


def test_what_is_not_offered_is_told_under_its_id():
    async def scene():
        async with serving(Booth()) as server, Talk.to(server, client=1) as talk:
            talk.say("reqHistogramData", reqId=9, **SPY, includeExpired=False, useRTH=True, period="1 D")
            assert await talk.read() == (
                "error", {"id": 9, "code": 503, "text": "The sandbox does not offer reqHistogramData.", "advanced": ""},
            )  # fmt: skip
            talk.say("cancelHistogramData", reqId=9)
            talk.say("setServerLogLevel", level=5)
            talk.say("reqCurrentTime")
            assert (await talk.read())[0] == "currentTime", "there is nothing to end"

    run(scene())


def test_what_was_received_is_kept_within_bounds_and_counted():
    async def scene():
        async with serving(Booth(), kept=3) as server, Talk.to(server, client=4) as talk:
            for _ in range(5):
                talk.say("reqIds", count=1)
                await talk.read()
            assert server.counts == {"startApi": 1, "reqIds": 5}
            assert [(one.client, one.name) for one in server.received] == [(4, "reqIds")] * 3
            assert [one.request.values for one in server.received] == [{"count": 1}] * 3

    run(scene())


def test_an_account_of_real_money_can_be_played_to_try_a_gate():
    async def scene():
        async with serving(Booth((REAL,))) as server:
            ib = ib_async.IB()
            await ib.connectAsync("127.0.0.1", server.port, clientId=1, raiseSyncErrors=True)
            assert ib.managedAccounts() == [REAL]
            assert not server.counts["placeOrder"]
            ib.disconnect()

    run(scene())


def test_a_server_that_stops_drops_its_clients_and_can_be_followed_by_another():
    async def scene():
        booth = Booth()
        first = Server(booth)
        await first.start()
        port = first.port
        async with Talk.to(first, client=1) as talk:
            await first.stop()
            assert await talk.ended()
        assert first.clients == []
        assert booth.listeners == []
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", port)
        second = Server(booth)
        await second.start(port=port)
        async with Talk.to(second, client=1):
            assert second.clients == [1]
        await second.stop()

    run(scene())


def test_one_client_is_dropped_and_the_others_stay():
    async def scene():
        async with serving(Booth()) as server, Talk.to(server, client=1) as one, Talk.to(server, client=2) as two:
            server.drop(1)
            assert await one.ended()
            two.say("reqCurrentTime")
            assert (await two.read())[0] == "currentTime"
            assert server.clients == [2]
        async with serving(Booth()) as server, Talk.to(server, client=1):
            assert server.clients == [1], "its id is free again"

    run(scene())


def test_a_sender_that_never_pauses_between_frames_is_no_endless_frame():
    async def scene():
        async with serving(Booth(), patience=0.4) as server, Talk.to(server, client=1) as talk:
            one = message("reqCurrentTime", 178)
            talk.send(one[:4])
            for _ in range(60):  # after each piece some frame is begun
                talk.send(one[4:] + one[:4])
                await asyncio.sleep(0.01)
            talk.send(one[4:])
            for _ in range(61):
                assert (await talk.read())[0] == "currentTime"

    run(scene())


def test_an_answer_that_no_client_takes_is_refused():
    async def scene():
        booth = Booth()
        booth.history = lambda _query: closed_bars(1) * 100_001
        async with serving(booth) as server, Talk.to(server, client=1) as talk:
            talk.say(
                "reqHistoricalData", reqId=1, **SPY, includeExpired=False, end="", barSize="1 day", duration="9 Y",
                useRTH=True, whatToShow="TRADES", formatDate=1, keepUpToDate=False, options="",
            )  # fmt: skip
            name, values = await talk.read()
            assert (name, values["code"]) == ("error", 162)
            assert "exceed max" in values["text"]

    run(scene())


def test_a_summary_is_of_all_accounts_or_of_one():
    async def scene():
        async with serving(Booth((PAPER, SECOND_PAPER))) as server, Talk.to(server, client=1) as talk:
            for group, accounts in (("All", [PAPER, SECOND_PAPER]), (SECOND_PAPER, [SECOND_PAPER])):
                talk.say("reqAccountSummary", reqId=4, group=group, tags="NetLiquidation, Unknown")
                heard = await talk.until("accountSummaryEnd")
                assert [values["account"] for name, values in heard if name == "accountSummary"] == accounts
            server._venue.tell(AccountValue(PAPER, "NetLiquidation", "5"))
            server._venue.tell(AccountValue(SECOND_PAPER, "NetLiquidation", "6"))
            assert (await talk.read())[1]["value"] == "6", "the second took the place of the first"
            talk.say("reqAccountSummary", reqId=5, group="DU9", tags="NetLiquidation")
            assert (await talk.read())[1]["code"] == 321

    run(scene())


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["SPY", "QQQ", "SPY"]),
        ({"clientId": 2}, ["SPY"]),
        ({"clientId": 9}, []),
        ({"acctCode": SECOND_PAPER}, ["QQQ"]),
        ({"symbol": "QQQ"}, ["QQQ"]),
        ({"secType": "OPT"}, []),
        ({"secType": "STK", "exchange": "ARCA"}, ["SPY", "SPY"]),
        ({"exchange": "SMART"}, ["SPY", "QQQ", "SPY"]),
        ({"exchange": "NYSE"}, []),
        ({"side": "SELL"}, ["SPY"]),
        ({"side": "SLD"}, ["SPY"]),
        ({"side": "BUY", "symbol": "SPY"}, ["SPY"]),
        ({"time": "20240102 16:00:00"}, ["SPY", "QQQ", "SPY"]),
        ({"time": "20240102-21:00:03"}, ["SPY"]),
    ],
)
def test_executions_are_those_that_pass_the_filter(asked, found):
    async def scene():
        booth = Booth((PAPER, SECOND_PAPER))
        async with serving(booth) as server:
            trades = ((1, "SPY", "BUY", PAPER), (1, "QQQ", "BUY", SECOND_PAPER), (2, "SPY", "SELL", PAPER))
            for number, (client, symbol, action, account) in enumerate(trades):
                if number == 2:
                    booth.price(1, 101.0)  # five seconds later
                contract = booth.contracts(Contract(0, symbol, "STK"))[0].contract
                booth.place(OrderKey(client, number + 1), Ticket(account, contract, action, 1.0, "MKT"))
            ib = ib_async.IB()
            await ib.connectAsync("127.0.0.1", server.port, clientId=5, raiseSyncErrors=True)
            fills = await ib.reqExecutionsAsync(ib_async.ExecutionFilter(**asked))
            ib.disconnect()
        assert [fill.contract.symbol for fill in fills] == found

    run(scene())


def _order(**changes):
    order = ib_async.MarketOrder("BUY", 2, tif="DAY")
    for name, value in changes.items():
        setattr(order, name, value)
    return order


async def _refusal(server, order, contract=None):
    ib, said = ib_async.IB(), []
    await ib.connectAsync("127.0.0.1", server.port, clientId=1, raiseSyncErrors=True)
    ib.errorEvent += lambda *words: said.append(words[:3])
    trade = ib.placeOrder(contract or ib_async.Stock("SPY", "SMART", "USD"), order)
    while not said:
        await ib.updateEvent
    ib.disconnect()
    ((key, code, text),) = said
    assert key == trade.order.orderId
    return code, text


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        ({"orderId": -4}, 201, "an order id is above 0, not -4"),
        ({"action": "HOLD"}, 321, "action 'HOLD' is neither BUY nor SELL"),
        ({"totalQuantity": 0}, 434, "size cannot be zero"),
        ({"totalQuantity": -5.0}, 434, "size cannot be zero"),
        ({"account": "DU9"}, 201, "account 'DU9' is none of DU1000001"),
        ({"minQty": 5}, 201, "does not act on minQty=5"),
        ({"goodAfterTime": "20240105 10:00:00"}, 201, "goodAfterTime='20240105 10:00:00'"),
        ({"algoStrategy": "Twap"}, 201, "algoStrategy='Twap'"),
        ({"cashQty": 500.0}, 201, "cashQty=500.0"),
        ({"randomizeSize": True}, 201, "randomizeSize=True"),
        ({"faGroup": "all"}, 201, "faGroup='all'"),
        ({"lmtPriceOffset": 0.5}, 201, "lmtPriceOffset=0.5"),
    ],
)
def test_orders_that_are_not_taken_never_reach_the_exchange(changes, code, says):
    async def scene():
        booth = Booth()
        async with serving(booth) as server:
            found, text = await _refusal(server, _order(**changes))
        assert found == code
        assert says in text
        assert booth.orders == {}

    run(scene())


@pytest.mark.parametrize(
    "contract",
    [
        ib_async.Stock("NONE", "SMART", "USD"), ib_async.Contract(conId=77), ib_async.Contract(exchange="SMART"),
        ib_async.Stock("SPY", "SMART", "EUR"),
    ],
)  # fmt: skip
def test_a_contract_that_is_not_one_is_refused(contract):
    async def scene():
        booth = Booth()
        async with serving(booth) as server:
            code, text = await _refusal(server, _order(), contract)
        assert code == 200
        assert ("ambiguous: SPY, QQQ" if contract.exchange and not contract.symbol else "No security") in text
        assert booth.orders == {}

    run(scene())


def test_with_two_accounts_an_order_names_one():
    async def scene():
        booth = Booth((PAPER, SECOND_PAPER))
        async with serving(booth) as server:
            code, text = await _refusal(server, _order())
            assert (code, text) == (435, f"You must specify an account: one of {PAPER}, {SECOND_PAPER}.")
            ib = ib_async.IB()
            await ib.connectAsync("127.0.0.1", server.port, clientId=2, raiseSyncErrors=True)
            trade = ib.placeOrder(ib_async.Stock("SPY", "SMART", "USD"), _order(account=SECOND_PAPER))
            while not trade.isDone():
                await ib.updateEvent
            assert trade.fills[0].execution.acctNumber == SECOND_PAPER
            assert [one.account for one in booth.positions(SECOND_PAPER)] == [SECOND_PAPER]
            ib.disconnect()

    run(scene())


def test_a_read_only_server_takes_no_order():
    async def scene():
        booth = Booth()
        async with serving(booth, terms=Terms(read_only=True)) as server:
            code, text = await _refusal(server, _order())
            assert code == 321
            assert "Read-Only" in text
            async with Talk.to(server, client=3) as talk:
                talk.say("cancelOrder", orderId=1, manualCancelTime="")
                talk.say("reqGlobalCancel")
                assert [(await talk.read())[1]["code"] for _ in range(2)] == [321, 321]
        assert booth.orders == {}

    run(scene())


def test_the_master_client_hears_of_the_orders_of_all():
    async def scene():
        booth = Booth()
        async with (
            serving(booth, terms=Terms(master=9)) as server,
            Talk.to(server, client=9) as master,
            Talk.to(server, client=8) as stranger,
        ):
            ib = ib_async.IB()
            await ib.connectAsync("127.0.0.1", server.port, clientId=1, raiseSyncErrors=True)
            trade = ib.placeOrder(ib_async.Stock("SPY", "SMART", "USD"), _order())
            while not trade.isDone():
                await ib.updateEvent
            heard = [name for name, _ in await master.until("commissionReport")]
            assert heard == ["openOrder", "orderStatus", "execDetails", "openOrder", "orderStatus", "commissionReport"]
            assert (await stranger.read())[0] == "commissionReport", "which says nothing of whose it is"
            ib.disconnect()

    run(scene())


def test_only_client_0_binds_what_is_entered_by_hand():
    async def scene():
        booth = Booth()
        async with serving(booth) as server, Talk.to(server, client=1) as one, Talk.to(server, client=0) as zero:
            one.say("reqAutoOpenOrders", bind=True)
            assert (await one.read())[1]["code"] == 327
            Hands(booth, server).trade_by_hand(3)
            assert (await zero.read())[0] == "commissionReport", "not bound yet"
            zero.say("reqAutoOpenOrders", bind=True)
            zero.say("reqCurrentTime")
            await zero.until("currentTime")
            Hands(booth, server).trade_by_hand(4)
            (name, values) = await zero.read()
            assert (name, values["clientId"]) == ("openOrder", 0)
            assert values["orderId"] < 0

    run(scene())


def test_data_of_an_account_without_a_subscription_is_marked_delayed():
    async def scene():
        async with serving(Booth(), terms=Terms(delayed=True)) as server, Talk.to(server, client=1) as talk:
            talk.say(
                "reqMktData", reqId=5, **SPY, hasDeltaNeutral=False, genericTicks="", snapshot=True,
                regulatorySnapshot=False, options="",
            )  # fmt: skip
            heard = await talk.until("tickSnapshotEnd")
            assert [values["kind"] for name, values in heard if name == "marketDataType"] == [3]
            assert [values["tick"] for name, values in heard if name == "tickPrice"] == [66, 67, 68]

    run(scene())
