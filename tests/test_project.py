# SPDX-License-Identifier: Apache-2.0
"""Promises of the project's own files: pinned versions, no machine in them, a quick start, two commands."""

import os
import re
import subprocess
import sys
import tomllib

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
