# SPDX-License-Identifier: Apache-2.0
"""The port to a broker, and the adapter of one: a TWS or an IB Gateway."""
