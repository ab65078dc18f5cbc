# SPDX-License-Identifier: Apache-2.0
"""What a run leaves behind: tables, the run folder, the report, the words on the terminal."""
