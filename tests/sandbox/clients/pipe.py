# SPDX-License-Identifier: Apache-2.0
"""A client as a program of another environment, with this side of its pipe: fresh servers, and hands on them."""

import asyncio
import json
import os
import sys
from pathlib import Path

from engine.sandbox.server import Server
from tests.sandbox.booth import Booth, Hands

ENVIRONMENTS = Path(sys.prefix) / "clients"
LONGEST = 100.0


def python_of(client):
    """The interpreter that has the client, None where that environment is not made."""
    path = ENVIRONMENTS / client / "bin" / "python"
    return path if path.exists() else None


async def converse(python, program, *words):
    """Run a program and do what its lines ask for; what its last line says, or an error with what it wrote."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    child = await asyncio.create_subprocess_exec(
        python, "-W", "ignore", program, *words, env=bare,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    errors = asyncio.ensure_future(child.stderr.read())
    try:
        async with asyncio.timeout(LONGEST):
            return await _serve(child)
    except (EOFError, TimeoutError) as end:
        child.kill()
        raise AssertionError((await errors).decode() or "the program ended without a word") from end
    finally:
        child.stdin.close()
        await child.wait()
        await errors


async def _serve(child):
    server = hands = None
    try:
        while line := await child.stdout.readline():
            asked = json.loads(line)
            if "results" in asked:
                child.stdin.write(b'{"done": null}\n')
                return asked["results"]
            if asked["act"] == "begin":
                if server:
                    await server.stop()
                booth = Booth()
                server = Server(booth)
                await server.start()
                hands, done = Hands(booth, server), server.port
            else:
                done = getattr(hands, asked["act"])(*asked["words"])
            child.stdin.write(json.dumps({"done": done}).encode() + b"\n")
    finally:
        if server:
            await server.stop()
    raise EOFError
