# SPDX-License-Identifier: Apache-2.0
"""What the kernel leans on in numba beyond its documented interface, and what a cached kernel is keyed by."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
import tomllib
from dataclasses import replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from numba import njit, types
from numba.core.codegen import JITCPUCodegen

from engine.kernel import codes, two_modes
from engine.kernel.machine import (
    code_cache,
    compiled,
    decisions,
    layouts,
    loader,
    numba_entry,
    numba_inner,
    numba_rows,
    numba_types,
)
from engine.kernel.orders import method
from engine.kernel.two_modes import EVERY_BAR, TWO_MODES
from engine.records import bar_dtype

ROOT = Path(__file__).resolve().parents[3]

PRIVATE = {
    "numba.core.typing.templates": (
        "AttributeTemplate.generic_resolve",
        "_OverloadMethodTemplate._resolve",
        "infer_getattr",
        "make_overload_attribute_template",
    ),
    "numba.core.cgutils": ("get_null_value", "create_struct_proxy", "if_unlikely", "_StructProxy._getvalue"),
    "numba.core.base": (
        "BaseContext.declare_function",
        "BaseContext.get_abi_sizeof",
        "BaseContext.get_getattr",
        "BaseContext.get_value_type",
        "BaseContext.make_array",
        "BaseContext.push_code_library",
        "BaseContext.refresh",
    ),
    "numba.core.callconv": (
        "CPUCallConv.get_function_type",
        "CPUCallConv.call_function",
        "CPUCallConv.return_status_propagate",
        "Status.excinfoptr",
        "Status.is_error",
        "Status.is_ok",
    ),
    "numba._dynfunc": ("make_function",),
    "numba.core.codegen": (
        "CPUCodeLibrary._final_module",
        "CPUCodeLibrary._finalize_dynamic_globals",
        "CPUCodeLibrary._finalize_final_module",
        "CPUCodeLibrary._finalized",
        "CPUCodeLibrary.add_ir_module",
        "CPUCodegen._tm",
        "CodeLibrary._reload_init",
        "CodeLibrary.create_ir_module",
        "JITCodeLibrary",
    ),
    "numba.core.compiler": ("CompilerBase.define_pipelines", "DefaultPassBuilder.define_nopython_pipeline"),
    "numba.core.compiler_machinery": ("LoweringPass", "PassManager.add_pass_after", "register_pass"),
    "numba.core.typed_passes": ("AnnotateTypes", "NativeLowering"),
    "numba.core.dispatcher": ("_DispatcherBase.overloads",),
    "numba.core.errors": ("NumbaError",),
    "numba.core.options": ("DefaultOptions._nrt", "DefaultOptions.no_cpython_wrapper"),
    "numba.core.registry": ("cpu_target",),
    "numba.core.types": ("Type.name", "Record.fields", "Record.mangling_args", "Record.typeof", "Callable"),
    "numba.core.typing": ("signature", "Signature.recvr"),
    "numba.np.arrayobj": ("populate_array",),
    "numba.extending": (
        "intrinsic",
        "lower_builtin",
        "lower_getattr_generic",
        "models.OpaqueModel",
        "models.StructModel",
        "overload",
        "overload_method",
        "register_jitable",
        "register_model",
    ),
}
"""Module -> what of it the kernel uses; documented names beside private ones, as they are used together."""


@pytest.mark.parametrize("name", [f"{module}:{part}" for module, parts in PRIVATE.items() for part in parts])
def test_what_the_kernel_uses_of_numba_is_there(name: str):
    module, _, path = name.partition(":")
    found = importlib.import_module(module)
    for part in path.split("."):
        known = hasattr(found, part) or part in getattr(found, "__slots__", ()) or part in instance_fields(found)
        assert known, (
            f"numba {version('numba')} has no {module}.{path}, which engine/kernel/machine uses: "
            "teach it the new way, or pin numba in pyproject.toml below this version"
        )
        found = getattr(found, part, None)


def instance_fields(owner: object) -> set[str]:
    """Names that an object of the class is given when it is made."""
    if not inspect.isclass(owner):
        return set()
    return {
        node.attr
        for node in ast.walk(ast.parse(inspect.getsource(owner)))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }


def test_every_import_from_numba_is_listed():
    used = set()
    for path in (Path(one.__file__) for one in (compiled, numba_entry, numba_inner, numba_rows, numba_types)):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("numba."):
                used |= {f"{node.module}.{alias.name}" for alias in node.names}
    listed = {f"{module}.{part.partition('.')[0]}" for module, parts in PRIVATE.items() for part in parts}
    assert used <= listed | set(PRIVATE)


def test_numba_has_an_upper_pin_that_this_one_meets():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (pin,) = [line for line in project["dependencies"] if line.startswith("numba")]
    below = re.search(r",<(\d+)\.(\d+)$", pin)
    assert below is not None
    assert tuple(map(int, version("numba").split(".")[:2])) < tuple(map(int, below.groups()))


def is_package(name: str) -> bool:
    return find_spec(name).submodule_search_locations is not None


class TestWhatACachedKernelIsKeyedBy:
    def test_it_is_what_compiled_code_is_made_from_and_nothing_else(self):
        """Functions of two modes, what teaches numba, and what tells of rows; each is known without importing numba."""
        made = {Path(sys.modules[function.__module__].__file__) for function in (*TWO_MODES, *EVERY_BAR)}
        assert len(made) > 15
        told = (codes, decisions, layouts, method, two_modes)
        teaching = (compiled, loader, numba_entry, numba_inner, numba_rows, numba_types)
        kernel = made | {Path(one.__file__) for one in (*told, *teaching)}
        records = set((ROOT / "engine" / "records").glob("*.py"))
        assert set(code_cache.compiled_sources()) == kernel | records

    def test_what_the_sources_import_of_the_engine_is_in_it(self):
        """A constant or a code changes compiled code as a function does."""
        sources = set(code_cache.compiled_sources())
        for source in sources:
            for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "engine":
                    beneath = [f"{node.module}.{one.name}" for one in node.names]
                    modules = [name for name in beneath if find_spec(name)] if is_package(node.module) else []
                    assert {Path(find_spec(name).origin) for name in modules or [node.module]} <= sources

    def test_what_is_never_compiled_is_not(self):
        names = {source.name for source in code_cache.compiled_sources()}
        assert not names & {"contract_names.py", "rows.py", "views.py"}

    def test_a_change_of_any_source_changes_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        copies = []
        for number, source in enumerate(code_cache.compiled_sources()):
            copies.append(tmp_path / f"{number}.py")
            copies[-1].write_bytes(source.read_bytes())
        monkeypatch.setattr(code_cache, "compiled_sources", lambda: copies)
        digest = code_cache.engine_digest.__wrapped__
        first = digest()
        assert first == code_cache.engine_digest()
        for copy in copies:
            kept = copy.read_bytes()
            copy.write_bytes(kept + b"\n")
            assert digest() != first
            copy.write_bytes(kept)
        assert digest() == first


def rows_of(*names: str) -> np.dtype:
    return np.dtype([(name, "f8") for name in names])


class TestWhatOneKernelServes:
    ONE = layouts.Layout(bar_dtype(("a", "b")), ("a", "b"), rows_of("z"), rows_of("window"), rows_of("side"))

    def test_strategies_with_as_many_roles_whatever_they_read_and_remember(self):
        series, slots = ("vix", "rate"), {"options": ("put",)}
        other = layouts.Layout(
            bar_dtype(("x", "y"), series), ("x", "y"), rows_of("p", "q"), rows_of("k", "l"), rows_of("s", "t"), **slots
        )
        assert other.whole == self.ONE.whole
        assert other.decide != self.ONE.decide

    @pytest.mark.parametrize("change", [{"roles": ("a",)}, {"sleeves": 2}, {"orders": 8}, {"spans": True}])
    def test_not_those_whose_account_differs(self, change):
        other = replace(self.ONE, **change)
        assert other.whole.kernel != self.ONE.whole.kernel
        assert other.whole.sweep != self.ONE.whole.sweep

    def test_rows_are_handed_on_as_they_are(self):
        table = np.zeros(3, rows_of("z", "y"))
        assert layouts.checked(table, table.dtype) is table

    def test_rows_of_another_type_are_not_handed_on(self):
        """The kernel could not know: the decision would take one number for another."""
        with pytest.raises(TypeError, match=r"rows of .*'y'.*, where the decision reads .*'z'"):
            layouts.checked(np.zeros(3, rows_of("y")), rows_of("z"))


def one_more(number):
    return number + 1


def twice_one_more(number):
    return 2 * one_more(number)


def test_what_compiled_code_alone_calls_has_no_machine_code_of_its_own(monkeypatch: pytest.MonkeyPatch):
    numba_types.register(one_more)
    made = []
    add = JITCPUCodegen._add_module
    monkeypatch.setattr(
        JITCPUCodegen, "_add_module", lambda self, module: made.append(module.name) or add(self, module)
    )
    assert njit("int64(int64)", **numba_rows.FAST)(twice_one_more)(20) == 42
    assert [name for name in made if name != "nrt"] == ["twice_one_more"]  # nrt is numba's own, once a process


MANGLED = """
import sys
import numpy as np
from engine.kernel.machine.layouts import Layout
from engine.kernel.machine.numba_types import register_all
from numba import from_dtype
for number in range(int(sys.argv[1])):
    from_dtype(np.dtype([(f"x{number}", "f8")]))
one, two = (Layout(np.dtype([(name, "f8")]), ("a",) * roles, *[np.dtype([("n", "f8")])] * 3)
            for name, roles in (("a", 1), ("b", 2)))
for made_of in (one, two):
    print(from_dtype(made_of.book).mangling_args, from_dtype(made_of.bars).mangling_args)
"""


def test_the_symbols_of_compiled_code_are_those_of_the_records_in_every_process():
    """Two processes cache two functions; the one that loads both must not take one for the other."""
    told = [
        subprocess.run([sys.executable, "-c", MANGLED, before], capture_output=True, text=True, check=True).stdout
        for before in ("0", "7")
    ]
    assert told[0] == told[1]
    first, second = told[0].splitlines()
    assert len(set(re.findall(r"[0-9a-f]{32}", first + second))) == 4


def test_compiled_code_counts_no_references():
    rates = numba_types.numba_type(layouts.Table(layouts.RATE, writes=False))
    made = njit(types.float64(rates), **numba_rows.FAST)(lambda rows: rows[len(rows) - 1])
    (code,) = made.inspect_asm().values()
    assert "NRT_" not in code
