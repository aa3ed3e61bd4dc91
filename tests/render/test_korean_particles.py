"""A particle has the form that fits how the word before it is read."""

from __future__ import annotations

import pytest

from tracer.render.korean_particles import fill, with_particle


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("H", "H와"),
        ("W", "W와"),
        ("B", "B와"),
        ("L", "L과"),
        ("M", "M과"),
        ("N", "N과"),
        ("R", "R과"),
        ("S", "S와"),
        ("n", "n과"),
        ("L2", "L2와"),
        ("0", "0과"),
        ("10", "10과"),
        ("100", "100과"),
        ("32", "32와"),
        ("36", "36과"),
        ("64", "64와"),
        ("channels", "channels와"),
        ("name", "name과"),
        ("n_tok", "n_tok과"),
        ("step", "step과"),
        ("x_in", "x_in과"),
        ("`H`", "`H`와"),
        ("스킵", "스킵과"),
        ("지도", "지도와"),
        ("", "와"),
    ],
)
def test_the_form_follows_the_last_sound(word: str, wanted: str) -> None:
    assert with_particle(word, "과/와") == wanted


@pytest.mark.parametrize(
    ("forms", "after_h", "after_n"),
    [
        ("은/는", "H는", "N은"),
        ("이/가", "H가", "N이"),
        ("을/를", "H를", "N을"),
        ("과/와", "H와", "N과"),
        ("으로/로", "H로", "N으로"),
    ],
)
def test_each_particle_has_two_forms(forms: str, after_h: str, after_n: str) -> None:
    assert with_particle("H", forms) == after_h
    assert with_particle("N", forms) == after_n


@pytest.mark.parametrize("word", ["L", "1", "2.8", "7", "블록 길", "tile"])
def test_after_a_final_l_the_way_has_the_short_form(word: str) -> None:
    assert with_particle(word, "으로/로") == f"{word}로"
    assert with_particle(word, "은/는") == f"{word}은"


def test_a_phrase_is_filled_in_with_the_form_that_fits() -> None:
    assert fill("{a:은/는} {b:이/가} {c}", a="L", b=32, c="W") == "L은 32가 W"


def test_a_phrase_without_particles_is_filled_in_as_it_is() -> None:
    assert fill("{share:.1f} of {name}", share=1.25, name="N") == "1.2 of N"


def test_an_unknown_particle_is_an_error() -> None:
    with pytest.raises(ValueError, match="none of the particles"):
        fill("{a:에/서}", a="L")
