"""/api/v1/status, /api/v1/stats, /api/v1/system and /api/v1/audit."""

from __future__ import annotations

from hmis.core.access import Permission
from hmis.core.http import Domain, db
from hmis.core.paging import Page
from hmis.reports import days, service
from hmis.reports import system as server
from hmis.reports.schemas import AuditEventOut, AuditQuery, DaysOut, DaysQuery, StatsOut, StatusOut, SystemOut

reports = Domain("reports", "Reports")


@reports.show("/status", needs=None, gives=StatusOut, anonymous=True)
def status() -> StatusOut:
    """OK, or FAIL (503): whether the database answers, asked now."""
    service.check(db())
    return StatusOut(status="OK")


@reports.show("/stats", needs=Permission.SIGNED_IN, gives=StatsOut)
def stats() -> StatsOut:
    """How many patients, visits, records, drugs and staff there are."""
    return service.stats(db())


@reports.show("/stats/days", needs=Permission.SIGNED_IN, gives=DaysOut)
def stats_days(query: DaysQuery) -> DaysOut:
    """What was done on each of the hospital's last days, 30 unless said, and how many came to each clinic."""
    return days.days(db(), query.days)


@reports.show("/system", needs=Permission.SYSTEM_READ, gives=SystemOut)
def system() -> SystemOut:
    """How this server, its database, its disk and its audit are doing, asked now."""
    return server.system(db())


@reports.list("/audit", needs=Permission.AUDIT_READ, gives=AuditEventOut, searches=True)
def audit(query: AuditQuery) -> Page[AuditEventOut]:
    """Who did what, and who opened whose chart, newest first. Being read, the audit says so too."""
    return service.events(db(), query)
