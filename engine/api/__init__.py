# SPDX-License-Identifier: Apache-2.0
"""What `import engine` offers in a notebook: runs in one call, results held in pandas. Nothing below knows of it."""
