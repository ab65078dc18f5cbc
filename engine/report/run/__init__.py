# SPDX-License-Identifier: Apache-2.0
"""One run: its page, its terminal summary, and the documents both are made from."""
