# SPDX-License-Identifier: Apache-2.0
"""Parameters chosen anew as time goes on, each choice judged on sessions that it was not made from."""
