# SPDX-License-Identifier: Apache-2.0
"""What happens to an account that no order made: cash that comes and goes, the day's loss, splits of what is held."""
