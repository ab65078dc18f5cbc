# SPDX-License-Identifier: Apache-2.0
"""Nothing in a YAML file reaches Python: whatever stands where text may stand, the source is made of known pieces."""

import ast
import builtins
import contextlib
import keyword
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine import indicators
from engine.indicators import elementwise
from engine.indicators.registry import names
from engine.model.rules import Rules
from engine.rules.loading import source_of
from engine.rules.parser import parse
from engine.rules.tokens import LONGEST
from engine.rules.tree import Mistake
from tests.rules.stage import HEAD, load, problems, tried

EVIL = [
    '__import__("os").system("touch PWNED")',
    "().__class__.__bases__[0].__subclasses__()",
    "large.close.__class__.__mro__",
    "large.__class__",
    "indicators.__dict__",
    "market.symbols > 1",
    "elementwise.log(z) > 1",
    "self > 1",
    "p.window > 1",
    "f.z > 1",
    "open(z)",
    "eval(z)",
    "exec(z) > 0",
    "getattr(z, z) > 0",
    "print(z) > 0",
    "breakpoint() > 0",
    "lambda: z",
    "z; import os",
    "z > 1 #",
    'z > 1"""',
    "z > 1\\",
    "z\\n > 1",
    "{z}",
    "f'{z}'",
    "z := 1",
    "await z",
    "yield > 1",
    "9**9**9**9 > z",
    "1e400 > z",
    "z if z else z",
    "*z",
    "z @ z > 1",
    "z.real > 1",
    "large.close.T > 1",
    "nan > z",
    "inf > z",
    "None == z",
    "True and calm",
    "\u0455ma(large.close, 20) > 1",
    "\uff5a > 1",
    "z\u200b > 1",
    "z\u202e > 1",
    "z\x00 > 1",
]


@pytest.mark.parametrize("expression", [one for one in EVIL if "\x00" not in one])
def test_it_is_refused_with_its_place(expression, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = tried(tmp_path, expression)
    assert len(found) == 1
    assert found[0].startswith(("trial.yaml:10:", "trial.yaml:11:"))
    assert not (tmp_path / "PWNED").exists()


def test_a_null_byte_is_refused():
    with pytest.raises(Mistake, match="plain letters"):
        parse("z\x00 > 1")


@pytest.mark.parametrize(
    "text",
    ["z + " * 250_000 + "z", "(" * 1_000_000, "not " * 250_000, "-" * 1_000_000, "9" * 1_000_000, "z" * 1_000_000],
)
def test_a_megabyte_is_refused_at_once(text):
    begun = time.perf_counter()
    with pytest.raises(Mistake, match="too long"):
        parse(text)
    assert time.perf_counter() - begun < 0.5


@pytest.mark.parametrize("text", ["(" * LONGEST, "not " * 250, "-" * LONGEST, "log(" * 250, "z<" * 500, "z,z+" * 250])
def test_deep_and_long_ones_end_in_a_sentence(text):
    with pytest.raises(Mistake):
        parse(text)


def test_conditions_that_name_one_another_do_not_grow_without_end(tmp_path):
    """Each names the one before twice: fourteen of them are 16,384 comparisons."""
    chain = "".join(f"    c{one + 1}: c{one} and not (c{one} or z > {one})\n" for one in range(14))
    text = HEAD.replace("    trial: TRIAL\n", f"    c0: z > 1\n{chain}").replace("long: z < -entry", "long: c14")
    (said,) = problems(tmp_path, text)
    assert "too long with the conditions that it names; allowed: 200 comparisons" in said


@pytest.mark.parametrize("link", ["{} + 1", " + ".join(["{}", *["z"] * 98]), f"{'-' * 20}{{}}"])
def test_a_long_chain_of_features_is_refused_or_read(link, tmp_path):
    """Sixty features, each needs the next one; whether the first or the last is checked first."""
    chain = [f"    c{one}: {link.format(f'c{one + 1}')}\n" for one in range(60)]
    text = HEAD.replace("    trial: TRIAL\n", "CHAIN    c60: z\n")
    found = problems(tmp_path, text.replace("CHAIN", "".join(chain)))
    assert found
    assert all("stand on one another" in one for one in found)
    assert problems(tmp_path, text.replace("CHAIN    c60: z\n", "    c60: z\n" + "".join(reversed(chain)))) == []


@pytest.mark.parametrize("name", [*keyword.kwlist, "self", "market", "p", "indicators", "elementwise", "bars", "true"])
def test_names_of_python_and_of_the_source_are_no_features(name, tmp_path):
    if not name.islower():
        assert problems(tmp_path, HEAD.replace("    trial: TRIAL", f"    {name}: z + 1"))
        return
    found = problems(tmp_path, HEAD.replace("    trial: TRIAL", f"    '{name}': z + 1"))
    assert found == [
        f"trial.yaml:10:5: rules.features.{name}: {name} is a word of the language; found {name}; allowed: another name"
    ]


@pytest.mark.parametrize("section", ["roles", "series"])
@pytest.mark.parametrize(
    "name",
    [
        'x = 1\\nopen("PWNED", "w")\\ny',
        "x);open('PWNED','w')#",
        "__import__",
        "X",
        "x.y",
        "class",
        "long",
        "short",
        "x ",
    ],
)
def test_names_of_roles_and_series_reach_nothing_either(section, name, tmp_path, monkeypatch):
    """They stand in the source, so one that is no name ends here; the model or the language says so."""
    monkeypatch.chdir(tmp_path)
    quoted = name.replace('"', '\\"')
    found = problems(tmp_path, HEAD.replace("TRIAL", "z").replace(f"{section}: {{", f'{section}: {{"{quoted}": QQQ, '))
    assert any(section in one for one in found)
    assert not (tmp_path / "PWNED").exists()


def test_names_of_functions_and_of_on_bar_may_be_features(tmp_path):
    """They stand beside what is called so, and hide nothing."""
    own = ("rsi", "log", "bar", "f", "s", "account", "orders", "abs", "min", "list", "z_2", "indicator")
    lines = "".join(f"    {name}: log(large.close) + {number}\n" for number, name in enumerate(own))
    loaded = load(tmp_path, HEAD.replace("    trial: TRIAL\n", lines).replace("z < -entry", "z < -entry and rsi > 1"))
    assert loaded.strategy.__name__ == "Rules"


DEFINED = ("Params", "Reason", "Rules", "State", "conditions", "features", "on_bar")
TEXTS = st.text(max_size=40)


@given(st.text(alphabet="z12.()+-*/<>=! andotr,_'\"\\#\n;:[]{}@%", max_size=30))
@example("z > 1")
def test_an_expression_is_read_or_refused_and_nothing_else(text):
    with contextlib.suppress(Mistake):
        parse(text)


@given(TEXTS, TEXTS)
@example('"""', "\\")
@example("\n    evil = 1\n", '"\nclass Evil: pass\n"')
def test_words_of_a_parameter_and_of_a_description_stay_text(doc, says):
    given_ = {"params": {"k": {"default": 1, "doc": doc, "unit": says}}, "features": {"z": "a.close"}, "enter": "z > k"}
    source, mistakes = source_of(Rules.model_validate(given_), ("a",), (), says=says)
    assert mistakes == []
    assert source.isascii()
    only_known_pieces(source)


def only_known_pieces(source: str) -> None:
    """The source imports, calls and reads what a strategy does, and nothing more."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        assert not isinstance(
            node, ast.Lambda | ast.ListComp | ast.Try | ast.While | ast.With | ast.Global | ast.JoinedStr
        )
        if isinstance(node, ast.ImportFrom):
            assert node.module in {"engine", "engine.indicators", "engine.strategy"}
        elif isinstance(node, ast.Attribute):
            assert not node.attr.startswith("_")
        elif isinstance(node, ast.Name):
            assert not node.id.startswith("_")
            assert not hasattr(builtins, node.id) or node.id in {"abs", "int", "float", "staticmethod"}
    defined = [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    assert {"Reason", "Rules", "State", "features", "on_bar"} <= {*defined} <= {*DEFINED}


def test_every_indicator_can_be_called_by_its_name():
    """The call of each is written as one that exists."""
    for name in names():
        indicator = indicators.find(name)
        series = ", ".join("a.close" for _ in indicator.inputs)
        settings = "".join(f", {one.name}=5" for one in indicator.parameters if one.default is None)
        rules = Rules.model_validate({"features": {"z": f"{name}({series}{settings})"}, "enter": "z > 0"})
        source, mistakes = source_of(rules, ("a",), ())
        assert [str(one) for _, one in mistakes] == [], name
        only_known_pieces(source)
        call = source.partition("        z = ")[2].partition("(market")[0]
        assert callable(eval(call, {"indicators": indicators, "elementwise": elementwise})), name
