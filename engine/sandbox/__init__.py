# SPDX-License-Identifier: Apache-2.0
"""The embedded broker: a market of the engine behind the server side of the TWS API, for real clients to trade on."""
