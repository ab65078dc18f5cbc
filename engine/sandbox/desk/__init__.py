# SPDX-License-Identifier: Apache-2.0
"""What one client asks and is told: requests become questions to the exchange, its events become messages."""
