# SPDX-License-Identifier: Apache-2.0
"""What every report is made of: number formats, markup, chart style."""
