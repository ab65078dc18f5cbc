# SPDX-License-Identifier: Apache-2.0
"""Research over many runs."""
