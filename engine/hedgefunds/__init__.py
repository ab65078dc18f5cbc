# SPDX-License-Identifier: Apache-2.0
"""Monthly returns of funds: the equal-weight index, alpha and beta returns, and the portfolios made of them."""
