# SPDX-License-Identifier: Apache-2.0
"""Returns of a run on the factors of a file."""
