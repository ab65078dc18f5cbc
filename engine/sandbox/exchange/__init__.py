# SPDX-License-Identifier: Apache-2.0
"""The market and the accounts of the sandbox. Nothing here knows how a client's bytes look."""
