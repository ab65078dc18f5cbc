# SPDX-License-Identifier: Apache-2.0
"""How often a strategy was tried on its symbols, over all runs and sweeps of this user, and what that takes away.

`family` says what counts as the same, `store` keeps the count, `standing` is what a report needs of it.
"""
