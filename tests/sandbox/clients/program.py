# SPDX-License-Identifier: Apache-2.0
"""The checks as a program: `program.py LIBRARY PORT NAME...`, run by a Python that has the library and nothing of ours.

It asks for what is done on the broker's side on its standard output, a JSON line each, and reads the answer from its
standard input. Its last words are {"results": {check: "" or what went wrong}}.
"""

import asyncio
import importlib
import json
import sys
import traceback
from pathlib import Path

sys.path[0] = str(Path(__file__).parent)
from checks import CHECKS, At  # noqa: E402  (found beside this file)


def exchange(**words):
    print(json.dumps(words), flush=True)  # noqa: T201  (the pipe)
    return json.loads(sys.stdin.readline())["done"]


async def main(library, names):
    lib, results = importlib.import_module(library), {}
    for name in names:

        async def act(what, *words):
            return await asyncio.to_thread(exchange, act=what, words=words)

        at = At(lib, exchange(act="begin", words=[]), act)
        try:
            try:
                await asyncio.wait_for(CHECKS[name](at), 15)
            finally:
                await at.close()
            results[name] = ""
        except Exception:  # noqa: BLE001  (whatever it is, it is the check's result)
            results[name] = traceback.format_exc()
    exchange(results=results)


asyncio.run(main(sys.argv[1], sys.argv[2:]))
