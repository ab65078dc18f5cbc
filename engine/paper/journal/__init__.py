# SPDX-License-Identifier: Apache-2.0
"""The journal: what was decided, what left the house, what the broker said. On the disk before it is done."""
