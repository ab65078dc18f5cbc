# SPDX-License-Identifier: Apache-2.0
"""From the bars that are there to what has changed in the strategy's book: orders to send, orders to take back."""
