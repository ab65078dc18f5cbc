# SPDX-License-Identifier: Apache-2.0
"""The mutations: those of cosmic-ray that a decision rule can be wrong by, and min taken for max."""

import re

import cosmic_ray.plugins
from cosmic_ray.operators.operator import Example, Operator

_COMPARISON = "(Eq|NotEq|Lt|LtE|Gt|GtE)"
_ARITHMETIC = "(Add|Sub|Mul|Div)"
CHOSEN = re.compile(
    # `is` and `in` are refused by the border, and so are bits of fractions: their mutants would die of that alone.
    f"core/(ReplaceComparisonOperator_{_COMPARISON}_{_COMPARISON}|ReplaceBinaryOperator_[A-Za-z]+_{_ARITHMETIC}"
    "|ReplaceUnaryOperator_Delete_(USub|Not)|Replace(AndWithOr|OrWithAnd|TrueWithFalse|FalseWithTrue)|AddNot"
    "|NumberReplacer|ReplaceBreakWithContinue|ReplaceContinueWithBreak|ZeroIterationForLoop)|tandem/SwapMinMax"
)


class SwapMinMax(Operator):
    """`min(a, b)` for `max(a, b)` and the other way round: a comparison in another dress."""

    other = {"min": "max", "max": "min"}  # noqa: RUF012  (never written)

    def mutation_positions(self, node):
        if node.type == "name" and node.value in self.other and self._is_called(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node, index):
        del index  # a name is one place
        node.value = self.other[node.value]
        return node

    @staticmethod
    def _is_called(node):
        after = node.get_next_sibling()
        return after is not None and after.type == "trailer" and after.children[0].value == "("

    @classmethod
    def examples(cls):
        return (Example("x = max(a, b)", "x = min(a, b)"), Example("x = min(a, b)", "x = max(a, b)"))


cosmic_ray.plugins.OPERATOR_PROVIDERS["tandem"] = {"SwapMinMax": SwapMinMax}
