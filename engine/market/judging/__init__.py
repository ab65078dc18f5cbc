# SPDX-License-Identifier: Apache-2.0
"""What is refused and doubted in tables, each by itself and held against each other; what `data check` tells."""
