# SPDX-License-Identifier: Apache-2.0
"""What an order is to others: its family, what it guards, whose else works beside it, what it missed."""
