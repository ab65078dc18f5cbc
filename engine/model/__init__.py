# SPDX-License-Identifier: Apache-2.0
"""The description of one run: what a YAML file may say, as typed and frozen values. Every floor above may read it."""
