# SPDX-License-Identifier: Apache-2.0
"""The rules of the put hedges: what is bought, how much of it, and what a month may cost."""
