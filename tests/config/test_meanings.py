# SPDX-License-Identifier: Apache-2.0
"""What a key means is the text below it in the source, of a section and of one that is made from it."""

from pydantic import BaseModel, Field

from engine.model.meanings import meanings
from engine.model.rows import InterestRow


class Above(BaseModel):
    """A section."""

    one: int = 1
    """The first."""
    two: int = 2
    three: int = Field(default=3, alias="third")
    """Two lines

    of one text."""

    def half(self) -> float:
        """No key."""
        return self.one / 2


class Below(Above):
    """A section made from it."""

    one: int = 5
    four: float = 4.0
    """The fourth."""


def test_the_text_below_a_key_is_found_under_the_name_that_a_file_has_for_it():
    assert meanings(Above) == {"one": "The first.", "third": "Two lines\n\nof one text."}


def test_a_key_that_is_declared_anew_has_the_text_below_that_place_alone():
    assert meanings(Below) == {"third": "Two lines\n\nof one text.", "four": "The fourth."}


def test_the_schema_says_what_the_keys_mean_those_of_a_parent_too():
    keys = InterestRow.model_json_schema()["properties"]
    assert keys["from"]["description"].startswith("First day the row is in force")
    assert {key: value["description"] for key, value in keys.items()} == dict(meanings(InterestRow))
