# SPDX-License-Identifier: Apache-2.0
"""The same functions as machine code: made by numba, kept on the disk, and called without it."""
