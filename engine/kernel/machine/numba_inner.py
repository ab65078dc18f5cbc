# SPDX-License-Identifier: Apache-2.0
"""How numba compiles what compiled code alone calls: to code that its callers take in, without machine code of its own.

numba makes machine code of every function before another may call it, and once more inside each of its callers. That
was a fifth of the time that a kernel takes to compile.
"""

from __future__ import annotations

from typing import Any

from numba._dynfunc import make_function
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import LoweringPass, register_pass
from numba.core.typed_passes import AnnotateTypes, NativeLowering


class _Part(JITCodeLibrary):
    """Code to be linked into other code, optimised as any; it has no address."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True


@register_pass(mutates_CFG=True, analysis_only=False)
class _Begin(LoweringPass):
    """Gives the lowering a library that makes no machine code, and tells it to ask for none."""

    _name = "begin_part"

    def __init__(self) -> None:
        super().__init__()

    def run_pass(self, state: Any) -> bool:
        state.library = _Part(state.targetctx.codegen(), state.func_id.func_qualname)
        state.flags.no_compile = True
        return True


@register_pass(mutates_CFG=True, analysis_only=False)
class _End(LoweringPass):
    """Tells numba of the function as it does of one with machine code; the entry that Python would call is empty."""

    _name = "end_part"

    def __init__(self) -> None:
        super().__init__()

    def run_pass(self, state: Any) -> bool:
        library, (described, _, _, environment) = state.library, state.cr
        module, name = described.lookup_module(), described.qualname
        entry = make_function(module, name, "compiled code calls it, Python cannot", 0, environment, (library,))
        state.targetctx.insert_user_function(entry, described, [library])
        state.reload_init.extend(library._reload_init)  # noqa: SLF001
        state.cr = state.cr._replace(cfunc=entry)
        return True


class Inner(CompilerBase):
    """numba's own pipeline, with a part begun before the lowering and ended after it."""

    LAST = _End

    def define_pipelines(self) -> list[Any]:
        """Numba asks each compiler for these."""
        pipeline = DefaultPassBuilder.define_nopython_pipeline(self.state)
        pipeline.add_pass_after(_Begin, AnnotateTypes)
        pipeline.add_pass_after(_End, NativeLowering)
        pipeline.finalize()
        return [pipeline]
