# SPDX-License-Identifier: Apache-2.0
"""The decision of a day: its document, and the terminal that shows it."""
