"""All departments on one page, for those who treat: a patient's chart and timeline, the day's worklist."""

from __future__ import annotations

from hmis.charts import changes, service
from hmis.charts import timeline as timelines
from hmis.charts import worklist as worklists
from hmis.charts.schemas import ChangesOut, ChartOut, EntryOut, TimelineQuery, WaitingOut, WorklistQuery
from hmis.core.access import Permission
from hmis.core.http import Domain, db
from hmis.core.paging import Page
from hmis.patients.reference import PatientRef

charts = Domain("charts", "Charts")

READERS = (Permission.CONSULTATIONS_READ, Permission.CONSULTATIONS_SUMMARY)


@charts.show("/patients/<patient:patient>/chart", needs=READERS, gives=ChartOut)
def chart(patient: PatientRef) -> ChartOut:
    """A chart at a glance: who, where, newest vitals, problems, drugs; as far as the reader's role goes."""
    return service.chart(db(), patient)


@charts.list("/patients/<patient:patient>/timeline", needs=READERS, gives=EntryOut)
def timeline(patient: PatientRef, query: TimelineQuery) -> Page[EntryOut]:
    """All that happened, newest first; as far as the reader's role goes."""
    return timelines.of_patient(db(), patient, query)


@charts.list("/worklist", needs=Permission.VITALS_READ, gives=WaitingOut, searches=True)
def worklist(query: WorklistQuery) -> Page[WaitingOut]:
    """Who is here today: the urgent first, then in the order they came. At most 200; `total` counts all."""
    return worklists.of_day(db(), query)


@charts.show("/changes", needs=Permission.SIGNED_IN, gives=ChangesOut)
def changed() -> ChangesOut:
    """Whether anything changed since a screen asked last; asking does not prolong a session."""
    return changes.tokens(db())
