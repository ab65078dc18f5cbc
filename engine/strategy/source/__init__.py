# SPDX-License-Identifier: Apache-2.0
"""Where a strategy's source stands, who wrote it, how it is loaded and sent, and what identifies it."""
