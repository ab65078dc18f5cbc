# SPDX-License-Identifier: Apache-2.0
"""What a finished run says: sessions, metrics, round trips, attribution, events. Pure functions of a RunRecord."""
