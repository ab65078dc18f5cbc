# SPDX-License-Identifier: Apache-2.0
"""Market data: what was checked, what there is, what was written, as documents and on a terminal."""
