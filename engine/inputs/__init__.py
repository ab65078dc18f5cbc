# SPDX-License-Identifier: Apache-2.0
"""What a run needs, prepared before an engine is chosen: features, rules, dated terms, what prices options."""
