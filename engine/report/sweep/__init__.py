# SPDX-License-Identifier: Apache-2.0
"""A sweep as a document, and its renderers: terminal, page, JSON; its table and what is kept while it runs."""
