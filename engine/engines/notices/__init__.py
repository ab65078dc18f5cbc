# SPDX-License-Identifier: Apache-2.0
"""What a finished run says of itself beside its figures."""
