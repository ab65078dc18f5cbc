# SPDX-License-Identifier: Apache-2.0
"""Many settings of one configuration, run and compared.

`grid` is what can be tried, `search` what of it is, `asked` how a person writes it, `stands` what it runs on; `bench`
runs it on every core through `compiled`, `figures` is what is kept of each run, `findings` what the whole shows.
`executor` is who runs it: this process, or `chunks` of it on a crew of workers, `dask_crew`, to which it travels as a
`job`.
"""

from engine.runs.sweep.bench import Bench
from engine.runs.sweep.compiled import simulate_sets
from engine.runs.sweep.grid import Grid

__all__ = ["Bench", "Grid", "simulate_sets"]
