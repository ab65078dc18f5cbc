# SPDX-License-Identifier: Apache-2.0
"""The metrics of a run, each beside its formula, and the register that names them."""
