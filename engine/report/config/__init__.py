# SPDX-License-Identifier: Apache-2.0
"""Configurations: a checked one, and what keys mean."""
