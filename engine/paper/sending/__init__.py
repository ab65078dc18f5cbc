# SPDX-License-Identifier: Apache-2.0
"""From an order that is written down to the socket, through the gates."""
