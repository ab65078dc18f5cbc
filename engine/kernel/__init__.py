# SPDX-License-Identifier: Apache-2.0
"""The simulation: the life of a bar, orders, ledger, costs and margin, from one source in two modes."""
