"""Problems as people and programs see them."""

from __future__ import annotations

from wingbeat.core.problems import SHOWN, InvalidWorkflow, Problem, Severity


def test_a_problem_is_one_line_for_people() -> None:
    """Severity, code, place, position from 1, message, fix."""
    problem = Problem("unknown_name", "Nothing provides 'x'.", "Declare it.", "a", parameter="value", position=3)
    assert "error unknown_name in a [value] at character 4: Nothing provides 'x'. Declare it." == str(problem)


def test_a_problem_without_a_place_is_as_short_as_can_be() -> None:
    """Nothing is said about what is not known."""
    assert "warning odd: Hm." == str(Problem("odd", "Hm.", severity=Severity.WARNING))


def test_a_problem_for_programs_leaves_out_what_does_not_apply() -> None:
    """Position 0 does apply."""
    problem = Problem("bad", "Bad.", position=0)
    assert {"code": "bad", "severity": "error", "message": "Bad.", "position": 0} == problem.to_json()


def test_one_problem_gives_its_own_fix() -> None:
    """Several refer to their list."""
    one, two = Problem("a", "A.", "Mend a."), Problem("b", "B.", "Mend b.")
    assert "Mend a." == InvalidWorkflow([one]).remedy
    assert "The workflow has 2 problems: A." == InvalidWorkflow([one, two]).message


def test_an_answer_shows_a_bounded_number_of_problems() -> None:
    """And says how many there are."""
    error = InvalidWorkflow([Problem("a", "A.")] * (SHOWN + 1))
    shown = error.details["problems"]
    assert isinstance(shown, list)
    assert (SHOWN, SHOWN + 1, SHOWN + 1) == (len(shown), error.details["problem_count"], len(error.problems))
