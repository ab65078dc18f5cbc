# SPDX-License-Identifier: Apache-2.0
"""Where the present is: the only part of the engine that may ask what time it is."""
