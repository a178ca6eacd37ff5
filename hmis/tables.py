"""Every module that declares tables, imported: whoever needs the whole schema imports this."""

from hmis import app
from hmis.consultations import models as consultations
from hmis.core import answers, audit, history, jobs, records
from hmis.core.db import Row
from hmis.core.trail import seals
from hmis.formulary import models as formulary
from hmis.nursing import models as nursing
from hmis.patients import numbers
from hmis.pharmacy import models as pharmacy
from hmis.prescriptions import models as prescriptions
from hmis.visits import models as visits

__all__ = [
    "Row",
    "answers",
    "app",
    "audit",
    "consultations",
    "formulary",
    "history",
    "jobs",
    "numbers",
    "nursing",
    "pharmacy",
    "prescriptions",
    "records",
    "seals",
    "visits",
]
