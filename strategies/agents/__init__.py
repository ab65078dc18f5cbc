# SPDX-License-Identifier: Apache-2.0
"""The rules of the Double Agent: what its bear and its bull do, and how one account holds both."""
