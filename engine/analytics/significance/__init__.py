# SPDX-License-Identifier: Apache-2.0
"""What a result is worth: `sharpe_ratio` after so many bars and tries, `intervals` of every figure, `judged` a run."""
