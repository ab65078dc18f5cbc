# SPDX-License-Identifier: Apache-2.0
"""Orders for the next bar: what the rules decide today, in the account's own sizes."""
