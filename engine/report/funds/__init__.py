# SPDX-License-Identifier: Apache-2.0
"""What is told of a file of funds: JSON, terminal, page."""
