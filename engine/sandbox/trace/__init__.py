# SPDX-License-Identifier: Apache-2.0
"""Traces of a real Gateway: what was said on a user's own paper account, without whose, to hold the sandbox to."""
