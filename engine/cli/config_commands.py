# SPDX-License-Identifier: Apache-2.0
"""`tandem config`: check a YAML file, explain its keys, write a new one, give editors the schema."""

from __future__ import annotations

import typer

app = typer.Typer(help="Check, explain and write configuration files.", no_args_is_help=True)
