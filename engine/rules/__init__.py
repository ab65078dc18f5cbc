# SPDX-License-Identifier: Apache-2.0
"""A strategy in YAML alone: a closed language of expressions, read, checked, and written as Python."""
