# SPDX-License-Identifier: Apache-2.0
"""The morning note: one document, and a terminal, a text and a page that only render it."""
