"""The pharmacy stands on what was prescribed."""

from tests.prescriptions.conftest import amoxicillin, consult, enter, paracetamol, place, prescribe

__all__ = ["amoxicillin", "consult", "enter", "paracetamol", "place", "prescribe"]
