# SPDX-License-Identifier: Apache-2.0
"""The bridge: a strategy's decisions sent to a broker's paper account, and what comes back."""
