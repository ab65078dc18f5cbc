# SPDX-License-Identifier: Apache-2.0
"""Two lines side by side: what one of them says of the other, each figure from values up to its day alone."""
