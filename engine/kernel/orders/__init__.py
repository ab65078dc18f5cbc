# SPDX-License-Identifier: Apache-2.0
"""`orders`, as on_bar sees it: what a strategy may say."""
