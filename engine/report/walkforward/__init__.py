# SPDX-License-Identifier: Apache-2.0
"""A walk-forward as a document, and its renderers: terminal, page, JSON; its folder."""
