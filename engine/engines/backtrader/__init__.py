# SPDX-License-Identifier: Apache-2.0
"""The second engine: backtrader's clock, matching and cash around the same on_bar.

backtrader is an optional extra under the GPLv3. `library` imports it, nothing else does.
"""
