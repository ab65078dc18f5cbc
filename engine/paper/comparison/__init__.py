# SPDX-License-Identifier: Apache-2.0
"""The broker's word into the journal, and both side by side: a difference halts until a person has spoken."""
