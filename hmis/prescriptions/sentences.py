"""What is said to a prescriber about a line, by the name of the sentence: one list for the server and the browser.

`{0}` and `{1}` stand for what was typed, or for what to write.
"""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: dict[str, str] = {
    # Refused until it is rewritten
    "error_prone": "{0} has been misread too often: write {1}",
    "trailing_zero": "{0} has been read ten times too large: write {1}",
    "naked_decimal": "{0} has been read without its point: write {1}",
    "decimal_comma": "{0} can be read in two ways: write {1}",
    "fraction": "{0} can be read as a date or as two numbers: write {1}",
    "per_day": "{0} is for a whole day: write what is given each time",
    "no_dose": "{0} is no dose: write more than nothing",
    "too_fine": "{0} has more than three decimals: write it in a smaller unit",
    "too_much": "{0} is more than can be written on a line: check the number",
    "range_backwards": "{0} goes from the larger to the smaller: check the numbers",
    "two_doses": "two doses are written, {0} and {1}: write one",
    "twice": "said twice, {0} and {1}: write one",
    "unknown_frequency": "{0} is not a frequency known here: write one of {1}",
    "unknown_duration": "{0} cannot be: a course lasts from 1 to 3,650 days",
    "unknown_quantity": "{0} cannot be handed out: write from 1 to 100,000",
    # Asked before it is complete
    "how_much": "how much? give the dose with its unit, or say in the instructions how it is used",
    "of_what": "{0} of what? write mg, mL, tablets ...",
    "which_of_range": "{0} is a range: which dose?",
    "which_weight": "{0}: what does the patient weigh?",
    "which_route": "by which route? write po, iv, im, sc ...",
    "how_often": "how often? write a frequency such as tds, or say that it is as needed",
    "how_long": "for how long? give the days, or the quantity to hand out",
    "for_what": "as needed for what?",
    "at_most": "at most how many {0} in 24 hours?",
    "at_most_in": "at most {0} in 24 hours: how much is that in {1}?",
    "weekly": "{0} by mouth is nearly always once a week: write weekly",
    "weekly_or_why": "{0} by mouth is nearly always once a week: write weekly, or why not in the instructions",
    "which_drug": "which drug? choose it from the list; no name is completed for you",
}


def explained(write: str, meanings: Mapping[str, str]) -> str:
    """What to write in place of something, each with its meaning where that is another word: `po (oral)`."""
    said = ((one, meanings.get(one, one)) for one in write.split(" or "))
    return " or ".join(one if one == meaning else f"{one} ({meaning})" for one, meaning in said)


def sentence(name: str, *values: str) -> str:
    """A sentence with its values in their places."""
    return SENTENCES[name].format(*values)
