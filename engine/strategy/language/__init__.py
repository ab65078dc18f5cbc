# SPDX-License-Identifier: Apache-2.0
"""The language of on_bar: the part of Python that means the same interpreted and compiled, and its checker."""
