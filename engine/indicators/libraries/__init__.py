# SPDX-License-Identifier: Apache-2.0
"""The functions of TA-Lib and of `ta` as indicators."""
