"""What is ordered for an illness: common drugs at common doses, for children by their weight.

Doses are those in general use: WHO guidelines for malaria (2023), IMCI, tuberculosis and antenatal care, the WHO
AWaRe antibiotic book (2022), and for the rest the usual doses of the British National Formularies. They furnish a
demonstration. Nobody is to be treated by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import ceil

CHILD = 12  # years; below, doses go by weight


@dataclass(frozen=True)
class Body:
    """What decides a dose."""

    years: int
    months: float
    kg: float
    female: bool
    weeks_pregnant: int | None = None
    penicillin_allergy: bool = False
    spare_nsaids: bool = False
    """Heart, blood pressure, stomach or lungs speak against ibuprofen."""

    @property
    def child(self) -> bool:
        """Whether doses go by weight."""
        return self.years < CHILD

    @property
    def pregnant(self) -> bool:
        """Whether there is a pregnancy."""
        return self.weeks_pregnant is not None


@dataclass(frozen=True)
class Order:
    """One line of a prescription to be, the drug by its name."""

    drug: str
    dose: Decimal | None = None
    unit: str | None = None
    often: str | None = None
    days: int | None = None
    route: str | None = None
    needed_for: str | None = None
    at_most: Decimal | None = None
    """In 24 hours, in the unit of the dose."""
    quantity: int | None = None
    """Where it cannot be computed."""
    how: str | None = None


def order(drug: str, dose: float | str, unit: str, often: str, days: int | None = None, **more: str | int) -> Order:
    """One line."""
    return Order(drug, Decimal(str(dose)), unit, often, days, **more)  # type: ignore[arg-type]


def weighed(mg_per_kg: float, kg: float, step: float, most: float) -> Decimal:
    """mg for this weight, in steps that can be measured, never more than an adult has."""
    steps = max(1, round(mg_per_kg * kg / step))
    return Decimal(str(min(steps * step, most))).normalize() + 0


def paracetamol(body: Body, days: int = 3, for_: str | None = None) -> Order:
    """15 mg/kg up to 1 g from 50 kg on, at most four times a day."""
    if body.child:
        drug, dose = "paracetamol 120 mg/5 mL syrup", weighed(15, body.kg, 30, 480)  # in steps of 1.25 mL
    else:
        drug, dose = "paracetamol 500 mg tablet", Decimal(1000 if body.kg >= 50 else 500)
    if for_ is None:
        return Order(drug, dose, "mg", "tds", days)
    return Order(drug, dose, "mg", "q6h", days, needed_for=for_, at_most=4 * dose)


def ibuprofen(body: Body, days: int = 5) -> Order | None:
    """400 mg, or 7 mg/kg for a child from 6 months on; not in pregnancy, nor where it does harm."""
    if body.pregnant or body.spare_nsaids or body.months < 6:
        return None
    if not body.child:
        return order("ibuprofen 400 mg tablet", 400, "mg", "tds", days, how="with food")
    dose = weighed(7, body.kg, 25, 300)
    return Order("ibuprofen 100 mg/5 mL oral suspension", dose, "mg", "tds", days, how="with food")


def malaria(body: Body) -> Order:
    """Artemether with lumefantrine by weight band, twice a day for 3 days. WHO 2023: from 5 kg, every trimester."""
    how = "with food or milk; second dose after 8 hours"
    if body.kg >= 35:
        return order("artemether + lumefantrine 80 mg + 480 mg tablet", 1, "tablet", "bd", 3, how=how)
    tablets = 1 if body.kg < 15 else 2 if body.kg < 25 else 3
    drug = "artemether + lumefantrine 20 mg + 120 mg dispersible tablet"
    return order(drug, tablets, "tablet", "bd", 3, how=how)


def severe_malaria(body: Body) -> Order:
    """Artesunate 2.4 mg/kg, 3 mg/kg below 20 kg, at 0, 12 and 24 hours. WHO 2023."""
    dose = weighed(3.0 if body.kg < 20 else 2.4, body.kg, 1, 240)
    return Order("artesunate 60 mg vial", dose, "mg", "q12h", 1, how="at 0, 12 and 24 hours", quantity=_vials(dose))


def _vials(dose: Decimal) -> int:
    return 3 * ceil(dose / 60)


def amoxicillin(body: Body, days: int = 5) -> Order:
    """40 mg/kg twice a day for a child, 500 mg three times for an adult; a macrolide in penicillin allergy."""
    if body.penicillin_allergy:
        return azithromycin(body)
    if not body.child:
        return order("amoxicillin 500 mg capsule", 500, "mg", "tds", days)
    return Order("amoxicillin 250 mg/5 mL oral suspension", weighed(40, body.kg, 125, 1000), "mg", "bd", days)


def azithromycin(body: Body, days: int = 3) -> Order:
    """500 mg once a day, 10 mg/kg for a child."""
    if not body.child:
        return order("azithromycin 500 mg tablet", 500, "mg", "od", days)
    return Order("azithromycin 200 mg/5 mL oral suspension", weighed(10, body.kg, 20, 500), "mg", "od", days)


def tonsillitis(body: Body) -> Order:
    """Phenoxymethylpenicillin or amoxicillin for 5 to 10 days against streptococci."""
    if body.penicillin_allergy:
        return azithromycin(body, 5)
    if not body.child:
        return order("phenoxymethylpenicillin 250 mg tablet", 500, "mg", "qds", 5)
    return Order("amoxicillin 250 mg/5 mL oral suspension", weighed(25, body.kg, 125, 500), "mg", "bd", 5)


def typhoid(body: Body) -> Order:
    """Ciprofloxacin for adults; azithromycin for children and in pregnancy."""
    if body.child:
        return Order("azithromycin 200 mg/5 mL oral suspension", weighed(20, body.kg, 40, 1000), "mg", "od", 7)
    if body.pregnant:
        return order("azithromycin 500 mg tablet", 1000, "mg", "od", 5)
    return order("ciprofloxacin 500 mg tablet", 500, "mg", "bd", 7)


def rehydration(body: Body) -> list[Order]:
    """Salts after each loose stool, and zinc for a child. WHO plan A and B."""
    sachets = 4 if body.child else 6
    salts = Order(
        "oral rehydration salts 20.5 g sachet",
        days=3,
        needed_for="each loose stool",
        quantity=sachets,
        how=f"dissolve one sachet in 1 L of clean water, fresh every day; {_cup(body)} after each loose stool",
    )
    if not body.child:
        return [salts]
    tablets = Decimal("0.5") if body.months < 6 else Decimal(1)
    return [salts, Order("zinc sulfate 20 mg dispersible tablet", tablets, "tablet", "od", 10)]


def _cup(body: Body) -> str:
    return "50 to 100 mL" if body.months < 24 else "100 to 200 mL" if body.child else "a cup"


def urinary_infection(body: Body) -> Order:
    """Nitrofurantoin, not near term; cefalexin in pregnancy and for a child; ciprofloxacin for a man."""
    if body.child:
        return Order("cefalexin 125 mg/5 mL oral suspension", weighed(12.5, body.kg, 25, 500), "mg", "qds", 7)
    if body.pregnant and not body.penicillin_allergy:
        return order("cefalexin 500 mg capsule", 500, "mg", "bd", 7)
    if body.female:
        return order("nitrofurantoin 100 mg modified-release capsule", 100, "mg", "bd", 5, how="with food")
    return order("ciprofloxacin 500 mg tablet", 500, "mg", "bd", 7)


def skin_infection(body: Body) -> Order:
    """Cloxacillin for adults, cefalexin for children, azithromycin in penicillin allergy."""
    if body.penicillin_allergy:
        return azithromycin(body, 5)
    if not body.child:
        return order("cloxacillin 500 mg capsule", 500, "mg", "qds", 7, how="an hour before food")
    return Order("cefalexin 125 mg/5 mL oral suspension", weighed(12.5, body.kg, 25, 500), "mg", "qds", 7)


def antihistamine(body: Body, days: int = 7) -> Order | None:
    """Cetirizine 10 mg; 2.5 mg twice a day from 2 years, 5 mg twice from 6 years."""
    if body.years < 2:
        return None
    if not body.child:
        return order("cetirizine 10 mg tablet", 10, "mg", "od", days)
    return order("cetirizine 5 mg/5 mL syrup", "2.5" if body.years < 6 else 5, "mg", "bd", days)


def worms(body: Body) -> Order | None:
    """Albendazole 400 mg once, 200 mg from 1 to 2 years; not in the first trimester."""
    if body.months < 12 or (body.weeks_pregnant is not None and body.weeks_pregnant < 13):
        return None
    return order("albendazole 400 mg chewable tablet", 200 if body.months < 24 else 400, "mg", "stat")


def prednisolone(body: Body, days: int) -> Order:
    """40 mg in the morning, 1 mg/kg for a child."""
    dose = weighed(1, body.kg, 5, 40) if body.child else Decimal(40)
    return Order("prednisolone 5 mg tablet", dose, "mg", "om", days, how="with food")


def salbutamol(body: Body) -> Order:
    """Two puffs when short of breath, by a spacer for a child."""
    how = "through a spacer" if body.child else "inhale slowly, hold the breath for 10 seconds"
    return Order(
        "salbutamol 100 micrograms/dose inhaler",
        Decimal(2),
        "puff",
        "q4h",
        30,
        needed_for="wheeze or breathlessness",
        at_most=Decimal(8),
        quantity=1,
        how=how,
    )


def anti_tuberculous(body: Body, *, intensive: bool) -> Order:
    """Fixed-dose tablets by weight: 2 for 30 to 39 kg, 3 to 54, 4 to 70, 5 above. WHO 2022."""
    tablets = 2 if body.kg < 40 else 3 if body.kg < 55 else 4 if body.kg <= 70 else 5
    four = "isoniazid + rifampicin + pyrazinamide + ethambutol 75 mg + 150 mg + 400 mg + 275 mg tablet"
    two = "isoniazid + rifampicin 75 mg + 150 mg tablet"
    return order(
        four if intensive else two, tablets, "tablet", "od", 28, how="on an empty stomach; watched by a helper"
    )


def ringworm_of_the_scalp(body: Body) -> Order:
    """Griseofulvin 10 mg/kg (up to 20), at least six weeks."""
    dose = weighed(15, body.kg, 62.5, 500)
    return Order("griseofulvin 125 mg/5 mL oral suspension", dose, "mg", "od", 42, how="with fatty food")


def drops(drug: str, often: str, days: int, how: str) -> Order:
    """Drops, of which one bottle is enough."""
    return Order(drug, Decimal(1), "drop", often, days, quantity=1, how=how)


def ointment(drug: str, often: str, days: int, how: str, tubes: int = 1) -> Order:
    """Something to put on the skin."""
    return Order(drug, None, None, often, days, quantity=tubes, how=how)


def all_of(*lines: Order | None) -> list[Order]:
    """Those that fit this patient."""
    return [line for line in lines if line is not None]
