# SPDX-License-Identifier: Apache-2.0
"""Whether features see the future: computed again on altered bars, from cuts of the market."""
