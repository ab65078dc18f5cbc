# SPDX-License-Identifier: Apache-2.0
"""One run in a second engine and bar by bar: where they part, and what a live run would have seen."""
