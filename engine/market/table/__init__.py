# SPDX-License-Identifier: Apache-2.0
"""One source's table: what no run trades on, and its prices and dividends as a bar has them."""
