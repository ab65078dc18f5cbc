# SPDX-License-Identifier: Apache-2.0
"""Promises of the project's own files: pinned versions, no machine in them, a quick start, two commands."""

import ast
import os
import re
import subprocess
import sys
import tomllib

import grimp
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SUPPORTED = ("3.11.0", "3.12.0", "3.13.0", "3.14.0")
SLOW_TO_IMPORT = ("numba", "pandas", "pyarrow", "plotly", "talib", "exchange_calendars", "backtrader", "scipy")


@pytest.fixture(scope="module")
def root(request):
    return request.config.rootpath


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def lock(root):
    return [Requirement(line) for line in (root / "requirements.lock").read_text().splitlines()]


def _wanted(project):
    extras = project["project"]["optional-dependencies"].values()
    return [
        Requirement(text)
        for group in (project["project"]["dependencies"], *extras, *project["dependency-groups"].values())
        for text in group
    ]


@pytest.mark.parametrize("python", SUPPORTED)
def test_the_lock_pins_each_dependency_once_for_each_python(project, lock, python):
    here = {"python_full_version": python, "python_version": python.rsplit(".", 1)[0]}
    pins = {}
    for pin in lock:
        if pin.marker is None or pin.marker.evaluate(here):
            assert canonicalize_name(pin.name) not in pins
            pins[canonicalize_name(pin.name)] = next(iter(pin.specifier)).version
    for wanted in _wanted(project):
        assert wanted.specifier.contains(pins[canonicalize_name(wanted.name)]), wanted


def test_the_lock_names_no_host_path_or_loose_version(root):
    for line in (root / "requirements.lock").read_text().splitlines():
        assert re.fullmatch(r"[a-z0-9.-]+==[0-9][A-Za-z0-9.+!]*( ; [a-zA-Z0-9_.'<>=! ]+)?", line), line


def test_supported_pythons_say_the_same_everywhere(root, project):
    versions = [python.rsplit(".", 1)[0] for python in SUPPORTED]
    classifiers = project["project"]["classifiers"]
    assert [f"Programming Language :: Python :: {version}" in classifiers for version in versions] == [True] * len(
        versions
    )
    assert project["project"]["requires-python"] == ">=3.11", "no upper bound: a newer one is tried"
    assert "Python 3.11 to 3.14" in (root / "README.md").read_text()


def test_ci_runs_the_tests_and_the_readme_names_targets_that_exist(root):
    assert os.access(root / ".ci" / "run", os.X_OK)
    assert "make test" in (root / ".ci" / "run").read_text()
    targets = set(re.findall(r"^([a-z]+):", (root / "Makefile").read_text(), re.MULTILINE))
    for page in ("README.md", "CONTRIBUTING.md", "docs/benchmarks.md"):
        used = set(re.findall(r"(?:^|`)make ([a-z]+)", (root / page).read_text(), re.MULTILINE))
        assert used <= targets
    assert {"run", "test"} <= targets


def test_links_between_pages_lead_somewhere(root):
    pages = [*root.glob("*.md"), *root.glob("docs/**/*.md"), root / "results" / "README.md"]
    for page in pages:
        for target in re.findall(r"\]\((?!https?://)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.relative_to(root)} links to {target}"


def test_every_page_is_listed(root):
    index = (root / "docs" / "README.md").read_text()
    assert [page.name for page in sorted(root.glob("docs/*.md")) if f"({page.name})" not in index] == ["README.md"]


def test_the_command_line_starts_without_the_slow_libraries():
    code = f"import sys, engine.cli; print([name for name in {SLOW_TO_IMPORT!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


HOUSE = ("engine", "strategies", "benchmarks", "docs")
MOST_LINES, LONGEST_FUNCTION = 300, 60


def test_files_and_functions_are_short(root):
    """A file is read in one go, a function on one screen; but for the loop: its parts as calls cost 25 ns a bar."""
    found = set()
    for path in sorted(path for folder in HOUSE for path in root.glob(f"{folder}/**/*.py")):
        source, name = path.read_text(encoding="utf-8"), path.relative_to(root).as_posix()
        if len(source.splitlines()) > MOST_LINES:
            found.add(name)
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= LONGEST_FUNCTION:
                found.add(f"{name}: {node.name}")
    assert found == {"engine/kernel/loop.py: simulate"}


def cycles(imports):
    """The modules left when those that import nothing, or that nothing imports, are taken away again and again."""
    left = dict(imports)
    while True:
        seen = set().union(*left.values())
        kept = {
            module: others & left.keys() for module, others in left.items() if module in seen and others & left.keys()
        }
        if kept == left:
            return sorted(left)
        left = kept


@pytest.mark.parametrize(
    ("imports", "found"),
    [({"a": {"b"}, "b": {"c"}, "c": set()}, []), ({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}, ["b", "c"])],
)
def test_a_cycle_is_found(imports, found):
    assert cycles(imports) == found


def test_no_module_imports_itself_by_way_of_others():
    """Imports inside functions count; those for types alone do not, they are never run."""
    graph = grimp.build_graph("engine", "strategies", "benchmarks", exclude_type_checking_imports=True)
    assert len(graph.modules) > 200
    assert cycles({module: graph.find_modules_directly_imported_by(module) for module in graph.modules}) == []


def test_no_floor_is_exempt_from_the_contracts(project):
    """What a contract leaves out is where a library may be met; between floors there is one: authors see the panel."""
    contracts = project["tool"]["importlinter"]["contracts"]
    left_out = [line for one in contracts for line in one.get("ignore_imports", [])]
    assert "layers" in {one["type"] for one in contracts}
    assert [line for line in left_out if re.search(r"-> (engine|strategies|benchmarks)\b", line)] == [
        "strategies.** -> engine.market.panel"
    ]
