# SPDX-License-Identifier: Apache-2.0
"""What chance alone would have made of a run: `again` is the run once more, `null_markets` the same on other bars."""
