"""The illnesses of this hospital as they present: what is complained of, found, thought and ordered, and when.

Each picture is one that a general hospital in Nigeria sees every week; season and frequency are this project's own
estimate. Diagnoses carry codes of the WHO's ICD-10.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from hmis.consultations.models import Certainty
from hmis.demo import orders
from hmis.demo.orders import Body, Order, all_of, drops, ointment, order, paracetamol
from hmis.demo.persons import Condition, Person
from hmis.people.models import Sex

Season = tuple[float, ...]
"""How often, month by month from January, compared with the whole year."""
EVEN: Season = (1,) * 12
RAINS: Season = (0.6, 0.5, 0.5, 0.8, 1.1, 1.4, 1.5, 1.5, 1.5, 1.3, 0.8, 0.6)
HARMATTAN: Season = (1.6, 1.4, 1.1, 0.8, 0.7, 0.8, 0.9, 0.9, 0.8, 0.9, 1.3, 1.7)
HOT: Season = (1.1, 1.5, 1.9, 1.8, 1.2, 0.7, 0.5, 0.5, 0.6, 0.8, 1.0, 1.0)

OUTPATIENTS, CHILDREN, ANTENATAL = "GOPD", "Paediatrics", "Antenatal"
EYE, DENTAL, MEDICAL, EMERGENCY = "Eye", "Dental", "Medical outpatients", "Accident and emergency"

Plan = Callable[[Body, int], list[Order]]
"""What is ordered, for whom, at which visit for this (0 is the first)."""


@dataclass(frozen=True)
class Shows:
    """What an illness does to the vital signs: added to what is normal for the patient, least and most."""

    temperature: tuple[float, float] = (0, 0)  # °C
    pulse: tuple[int, int] = (0, 0)  # /min, beside what fever adds
    respirations: tuple[int, int] = (0, 0)  # /min
    spo2: tuple[int, int] = (0, 0)  # %
    systolic: tuple[int, int] = (0, 0)  # mmHg
    pain: tuple[int, int] = (0, 0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    """One illness as it comes. In texts `{days}` is how long it has lasted, `{weeks}` how old a pregnancy is."""

    title: str
    code: str  # ICD-10, WHO
    often: float
    """How often, compared with the others."""
    ages: tuple[int, int]
    """Years, from and below."""
    days: tuple[int, int]
    """How long it has lasted when they come."""
    complaint: tuple[str, ...]
    history: tuple[str, ...]
    findings: tuple[str, ...]
    plan: tuple[str, ...]
    orders: Plan
    shows: Shows = Shows()
    season: Season = EVEN
    sex: Sex | None = None
    clinic: str | None = None
    """None: by age, the children's clinic or general outpatients."""
    young: float = 1.0
    """How much more often below 5 years."""
    certainty: Certainty = Certainty.CONFIRMED
    also: tuple[tuple[str, str], ...] = ()
    """Further diagnoses: title and code."""
    note: str | None = None
    """What the nurse writes about it."""
    glucose: bool = False
    """Whether blood sugar is measured."""
    drowsy: bool = False
    """Opens the eyes to voice alone."""
    review: tuple[int, int] | None = None
    """Days until the patient comes back."""
    private: bool = False
    """Whether nothing of it is said at the window."""
    youngest_months: int = 3
    in_pregnancy: tuple[str, str] | None = None
    """Title and code where a pregnant woman has it; None: then it is not thought of here."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Course(Picture):
    """An illness that somebody lives with, seen again and again."""

    condition: Condition
    every: int
    """Days between two visits."""
    again: tuple[str, ...]
    """The complaint at a later visit."""
    since: tuple[str, ...]
    """The history at a later visit."""
    later: tuple[str, ...]
    """The plan at a later visit."""


ACUTE: tuple[Picture, ...] = (
    Picture(
        title="Malaria due to Plasmodium falciparum, uncomplicated",
        code="B50.9",
        often=26,
        season=RAINS,
        ages=(1, 80),
        young=1.8,
        days=(2, 5),
        in_pregnancy=("Malaria complicating pregnancy", "O98.6"),
        complaint=(
            "Fever and headache for {days}",
            "Fever and body pains for {days}",
            "Fever, chills and vomiting for {days}",
        ),
        history=(
            "Fever comes on towards evening with chills and sweating. Poor appetite, one vomiting yesterday. No cough, "
            "no neck pain, no bleeding. Passing urine normally.",
            "High fever on and off, headache and joint pains. Took paracetamol at home with short relief. Does not "
            "sleep under a net. No convulsion, no yellow eyes.",
        ),
        findings=(
            "Febrile, not pale, anicteric, well hydrated. Chest clear. Abdomen soft, spleen not felt. Neck soft. "
            "Malaria RDT positive.",
            "Hot to touch, mild pallor, no jaundice. Chest clear. Spleen just felt. No neck stiffness. RDT positive "
            "for P. falciparum.",
        ),
        plan=(
            "Artemether-lumefantrine for 3 days, paracetamol for fever. Sleep under a treated net. Return at once for "
            "vomiting everything, convulsion, drowsiness or dark urine.",
        ),
        orders=lambda body, visit: [orders.malaria(body), paracetamol(body, 3, "fever")],
        shows=Shows((1.4, 3.0), (4, 14), (1, 4), pain=(2, 5)),
    ),
    Picture(
        title="Severe malaria",
        code="B50.8",
        often=2.2,
        season=RAINS,
        ages=(1, 12),
        young=3.0,
        days=(2, 4),
        clinic=EMERGENCY,
        complaint=("Fever for {days}, convulsion this morning", "Fever for {days}, weak and not eating"),
        history=(
            "High fever, vomits every feed. One convulsion of about two minutes on the way here. Drank little since "
            "yesterday, passed dark urine once.",
        ),
        findings=(
            "Ill-looking, pale, febrile, drowsy but opens eyes to voice. Neck soft. Chest clear, deep breathing. "
            "Liver 3 cm, spleen 4 cm. RDT positive, PCV 21 %, blood sugar normal.",
        ),
        plan=(
            "Admit. Artesunate IV at 0, 12 and 24 hours, then artemether-lumefantrine. Paracetamol, tepid sponging. "
            "Watch blood sugar and consciousness every 4 hours. Group and cross-match; transfuse if PCV falls below "
            "18 %.",
        ),
        orders=lambda body, visit: [orders.severe_malaria(body), paracetamol(body, 3, "fever")],
        shows=Shows((2.2, 3.6), (20, 34), (8, 16), (-4, -2)),
        note=(
            "Received from emergency in the mother's arms, drowsy and hot. IV line sited in the left hand, first dose "
            "of artesunate given slowly. Tepid sponged. Mother told to call if the child convulses."
        ),
        glucose=True,
        drowsy=True,
        also=(("Anaemia, unspecified", "D64.9"),),
    ),
    Picture(
        title="Acute upper respiratory infection",
        code="J06.9",
        often=15,
        season=HARMATTAN,
        ages=(0, 80),
        young=1.9,
        days=(2, 5),
        in_pregnancy=("Acute upper respiratory infection", "J06.9"),
        complaint=(
            "Cough and catarrh for {days}",
            "Runny nose and cough for {days}",
            "Sore throat and cough for {days}",
        ),
        history=(
            "Dry cough, watery nasal discharge and sneezing since the weather changed. Low fever. Eats and drinks. "
            "Others at home have the same.",
            "Cough worse at night, blocked nose. No fast breathing, no wheeze, no chest pain.",
        ),
        findings=(
            "Well, nose blocked with clear discharge, throat slightly red. Chest clear, no in-drawing, no wheeze.",
            "Not in distress. Tonsils not enlarged. Ears normal. Vesicular breath sounds on both sides.",
        ),
        plan=(
            "Viral: no antibiotic. Fluids, paracetamol for fever, salt-water nose drops. Return for fast breathing or "
            "if not better in a week.",
        ),
        orders=lambda body, visit: all_of(
            paracetamol(body, 3, "fever or pain"),
            drops("sodium chloride 0.9 % nasal drops", "qds", 5, "one or two drops into each nostril before feeds")
            if body.child
            else orders.antihistamine(body, 5),
        ),
        shows=Shows((0.2, 1.1), (2, 8), (0, 3), pain=(0, 2)),
    ),
    Picture(
        title="Pneumonia",
        code="J18.9",
        often=5,
        season=HARMATTAN,
        ages=(0, 5),
        days=(3, 6),
        complaint=("Cough and fast breathing for {days}",),
        history=(
            "Cough for some days, breathing fast since last night. Fever. Still drinks, vomited once after coughing. "
            "Immunised for age. No convulsion.",
        ),
        findings=(
            "Febrile, breathing fast, no chest in-drawing, no cyanosis. Fine crackles at the right base. Drinks well, "
            "alert.",
            "Fast breathing, flaring slightly, no stridor. Crackles on both bases. Well hydrated.",
        ),
        plan=(
            "Amoxicillin for 5 days, paracetamol. Go on feeding, more fluids. See again in 2 days; come back at once "
            "if the child cannot drink or the chest draws in.",
        ),
        orders=lambda body, visit: [orders.amoxicillin(body), paracetamol(body, 3, "fever")],
        shows=Shows((1.2, 2.4), (8, 18), (16, 24), (-4, -2)),
        review=(2, 3),
    ),
    Picture(
        title="Community-acquired pneumonia",
        code="J18.9",
        often=2.5,
        season=HARMATTAN,
        ages=(18, 90),
        days=(4, 7),
        complaint=("Cough with yellow sputum and fever for {days}",),
        history=(
            "Productive cough, chest pain on the right on breathing in, fever with rigors. Short of breath on climbing "
            "stairs. No blood in the sputum, no weight loss, no contact with tuberculosis.",
        ),
        findings=(
            "Febrile, breathing fast. Dull and bronchial breathing at the right base with crackles. Heart sounds "
            "normal. Chest X-ray: right lower lobe consolidation.",
        ),
        plan=("Amoxicillin, paracetamol. Chest X-ray. See again in 3 days; admit if breathlessness grows.",),
        orders=lambda body, visit: [orders.amoxicillin(body, 7), paracetamol(body, 5, "fever or chest pain")],
        shows=Shows((1.3, 2.6), (10, 22), (6, 10), (-5, -3), (-8, 0), (3, 6)),
        review=(3, 4),
    ),
    Picture(
        title="Typhoid fever",
        code="A01.0",
        often=3.5,
        season=RAINS,
        ages=(5, 60),
        days=(6, 12),
        complaint=("Fever for {days} with abdominal pain",),
        history=(
            "Fever rising by the day, worse in the evening, headache, dull pain in the abdomen, constipated at first. "
            "Malaria treatment completed without relief. Drinks water from a well.",
        ),
        findings=(
            "Febrile, coated tongue, pulse slower than the fever would suggest. Abdomen full, mild tenderness in the "
            "right lower part, no guarding. Spleen 2 cm. RDT negative. Blood taken for culture.",
        ),
        plan=(
            "Antibiotic for 7 days, blood culture awaited. Fluids, soft food. Hand washing and boiled water at home. "
            "Return at once for severe pain or black stool.",
        ),
        orders=lambda body, visit: [orders.typhoid(body), paracetamol(body, 5, "fever")],
        shows=Shows((1.6, 2.8), (-10, -2), (1, 3), systolic=(-8, 0), pain=(3, 5)),
        certainty=Certainty.PROVISIONAL,
        review=(6, 8),
    ),
    Picture(
        title="Acute gastroenteritis",
        code="A09.9",
        often=9,
        season=RAINS,
        ages=(0, 70),
        young=2.6,
        days=(1, 3),
        in_pregnancy=("Acute gastroenteritis", "A09.9"),
        complaint=("Watery stools and vomiting for {days}", "Loose stools for {days}, about six times a day"),
        history=(
            "Watery stools without blood, vomiting twice today. Drinks eagerly. Passed urine this morning. Water at "
            "home comes from a tanker.",
            "Stools loose and frequent, cramping pain, no blood, no fever to speak of. A neighbour has the same.",
        ),
        findings=(
            "Alert, eyes slightly sunken, skin pinch goes back slowly, mouth dry. Abdomen soft, bowel sounds "
            "increased. Some dehydration.",
            "Not dehydrated. Abdomen soft, not tender.",
        ),
        plan=(
            "Oral rehydration salts after each stool, feeding to go on. No antibiotic, nothing to stop the stool. "
            "Return for blood in the stool, repeated vomiting or no urine.",
        ),
        orders=lambda body, visit: orders.rehydration(body),
        shows=Shows((0.0, 0.9), (8, 20), (0, 3), systolic=(-12, -2), pain=(1, 4)),
    ),
    Picture(
        title="Acute tonsillitis",
        code="J03.9",
        often=3.2,
        season=HARMATTAN,
        ages=(3, 35),
        days=(2, 4),
        complaint=("Sore throat and fever for {days}, painful to swallow",),
        history=("Throat pain on both sides, fever, no cough, no catarrh. Third time this year.",),
        findings=(
            "Febrile, both tonsils large and red with white patches, tender glands under the jaw. No trismus, uvula "
            "in the middle. Chest clear.",
        ),
        plan=("Penicillin, paracetamol, warm salt-water gargles. Return for difficulty in opening the mouth.",),
        orders=lambda body, visit: [orders.tonsillitis(body), paracetamol(body, 3)],
        shows=Shows((0.9, 2.2), (4, 12), (0, 2), pain=(4, 6)),
    ),
    Picture(
        title="Acute otitis media",
        code="H66.9",
        often=3,
        season=HARMATTAN,
        ages=(1, 8),
        young=1.6,
        days=(1, 4),
        complaint=("Ear pain and fever for {days}",),
        history=("Cries and pulls at the right ear at night, fever, catarrh the week before. No discharge.",),
        findings=("Febrile. Right eardrum red and bulging, left normal. No swelling behind the ear. Chest clear.",),
        plan=("Amoxicillin for 5 days, paracetamol. Keep the ear dry. Return for swelling behind the ear.",),
        orders=lambda body, visit: [orders.amoxicillin(body), paracetamol(body, 3)],
        shows=Shows((0.8, 2.0), (4, 10), (0, 3), pain=(4, 6)),
    ),
    Picture(
        title="Urinary tract infection",
        private=True,
        code="N39.0",
        often=9,
        season=HOT,
        ages=(15, 70),
        sex=Sex.FEMALE,
        days=(2, 5),
        in_pregnancy=("Infection of urinary tract in pregnancy", "O23.4"),
        complaint=("Burning on passing urine for {days}",),
        history=(
            "Passes urine often and little, burning, pain above the pubis. No fever with rigors, no loin pain, no "
            "vaginal discharge.",
        ),
        findings=(
            "Not ill. Suprapubic tenderness, renal angles not tender. Dipstick: leucocytes ++, nitrite positive, blood "
            "trace. Urine sent for culture.",
        ),
        plan=("Antibiotic for 5 days, plenty of fluids. Culture result at review.",),
        orders=lambda body, visit: [orders.urinary_infection(body), paracetamol(body, 3, "pain")],
        shows=Shows((0.0, 0.9), (0, 8), pain=(2, 5)),
    ),
    Picture(
        title="Candidiasis of vulva and vagina",
        private=True,
        code="B37.3",
        often=6,
        season=HOT,
        ages=(17, 50),
        sex=Sex.FEMALE,
        days=(4, 9),
        complaint=("Itching and white discharge for {days}",),
        history=("Thick white discharge like curd, intense itching, no smell, no lower abdominal pain.",),
        findings=("Vulva red, thick white discharge on the walls of the vagina, cervix normal. No tenderness.",),
        plan=("Clotrimazole pessary, cream outside. Loose cotton underwear. Partner needs treatment only if itching.",),
        orders=lambda body, visit: [
            order(
                "clotrimazole 500 mg pessary",
                1,
                "pessary",
                "stat",
                route="vaginal",
                how="deep into the vagina at night",
            ),
            ointment("clotrimazole 1 % cream", "bd", 7, "thinly on the skin outside"),
        ],
    ),
    Picture(
        title="Pelvic inflammatory disease",
        private=True,
        code="N73.9",
        often=3.5,
        ages=(18, 42),
        sex=Sex.FEMALE,
        days=(4, 10),
        complaint=("Lower abdominal pain and discharge for {days}",),
        history=(
            "Dull pain on both sides of the lower abdomen, foul discharge, pain at intercourse. Last period two weeks "
            "ago, pregnancy test negative.",
        ),
        findings=("Tender in both iliac fossae, no guarding. Cervical motion tenderness, yellow discharge. Afebrile.",),
        plan=("Ceftriaxone once, doxycycline and metronidazole for 14 days. Partner to be treated. HIV test offered.",),
        orders=lambda body, visit: [
            order("ceftriaxone 1 g vial", 1, "g", "stat", route="intramuscular", how="with lidocaine 1 %"),
            order("doxycycline 100 mg capsule", 100, "mg", "bd", 14, how="with water, sitting up"),
            order("metronidazole 400 mg tablet", 400, "mg", "bd", 14, how="no alcohol"),
        ],
        shows=Shows((0.1, 1.0), (2, 10), pain=(4, 6)),
        certainty=Certainty.PROVISIONAL,
        review=(3, 4),
    ),
    Picture(
        title="Peptic ulcer disease",
        code="K27.9",
        often=3.5,
        ages=(20, 75),
        days=(10, 28),
        complaint=("Burning pain in the upper abdomen for {days}",),
        history=(
            "Pain under the breastbone when hungry and at night, better after food. Belching. Takes pain tablets from "
            "the chemist for the waist. No black stool, no vomiting of blood, no weight loss.",
        ),
        findings=("Not pale. Epigastric tenderness, no mass. Stool antigen for H. pylori positive.",),
        plan=(
            "Treat for H. pylori for 14 days. Stop ibuprofen and the like. Small regular meals. Return at once for "
            "black stool or vomiting of blood.",
        ),
        orders=lambda body, visit: [
            order("omeprazole 20 mg capsule", 20, "mg", "bd", 14, how="half an hour before food"),
            order("clarithromycin 500 mg tablet", 500, "mg", "bd", 14),
            order("metronidazole 400 mg tablet", 400, "mg", "bd", 14, how="no alcohol")
            if body.penicillin_allergy
            else order("amoxicillin 500 mg capsule", 1000, "mg", "bd", 14),
        ],
        shows=Shows(pain=(3, 6)),
        review=(14, 16),
    ),
    Picture(
        title="Low back pain",
        code="M54.5",
        often=5,
        ages=(22, 75),
        days=(5, 21),
        complaint=("Waist pain for {days}",),
        history=(
            "Pain across the lower back after lifting, worse on bending, better lying down. Does not go below the "
            "knee. No fever, no weight loss, no trouble with urine or stool.",
        ),
        findings=(
            "Tender muscles beside the lumbar spine, bending limited by pain. Straight leg raising normal, power full.",
        ),
        plan=("Ibuprofen with food for a week. Keep moving, lift with the knees. No X-ray needed now.",),
        orders=lambda body, visit: all_of(orders.ibuprofen(body, 7), paracetamol(body, 7)),
        shows=Shows(pulse=(0, 6), systolic=(0, 6), pain=(4, 7)),
    ),
    Picture(
        title="Tinea corporis",
        code="B35.4",
        often=2.6,
        season=HOT,
        ages=(8, 60),
        days=(14, 40),
        complaint=("Itchy ring on the skin for {days}",),
        history=("Began as a small spot, spreads with a raised edge. Used a mixed cream from the market.",),
        findings=("Two ring-shaped patches with scaling raised edges on the trunk, clear in the middle.",),
        plan=("Clotrimazole cream for 4 weeks, two weeks beyond healing. Stop creams with a steroid in them.",),
        orders=lambda body, visit: [
            ointment("clotrimazole 1 % cream", "bd", 28, "thinly, and 2 cm beyond the edge", 2)
        ],
    ),
    Picture(
        title="Tinea capitis",
        code="B35.0",
        often=2,
        ages=(3, 11),
        days=(21, 60),
        complaint=("Patches on the scalp with loss of hair for {days}",),
        history=("Scaly patches after a hair cut, itching. Two classmates have it.",),
        findings=("Four scaly patches with broken hairs. No pus. Glands behind the neck small and not tender.",),
        plan=("Griseofulvin for 6 weeks with fatty food. Own comb and clipper. Need not stay away from school.",),
        orders=lambda body, visit: [orders.ringworm_of_the_scalp(body)],
        review=(28, 32),
    ),
    Picture(
        title="Scabies",
        code="B86",
        often=2.2,
        season=HARMATTAN,
        ages=(2, 60),
        young=1.5,
        days=(10, 30),
        complaint=("Itching at night for {days}",),
        history=("Itching worst at night, between the fingers and at the waist. Brothers and sisters itch too.",),
        findings=("Burrows and small papules between the fingers, at the wrists and the waist, some scratched open.",),
        plan=("Permethrin for the patient and everybody in the house on the same day; wash and sun the bedding.",),
        orders=lambda body, visit: all_of(
            ointment(
                "permethrin 5 % cream",
                "stat",
                1,
                "from the neck down, wash off after 8 to 12 hours; once more after a week",
                1 if body.child else 2,
            ),
            orders.antihistamine(body),
        ),
    ),
    Picture(
        title="Impetigo",
        code="L01.0",
        often=1.8,
        season=HOT,
        ages=(1, 10),
        days=(3, 7),
        complaint=("Sores on the face for {days}",),
        history=("Began as a blister beside the mouth, now crusted and spreading. No fever.",),
        findings=("Honey-coloured crusts around mouth and nose, two on the arm. No cellulitis.",),
        plan=("Wash off the crusts, mupirocin on the sores, antibiotic for a week. Nails short, own towel.",),
        orders=lambda body, visit: [
            ointment("mupirocin 2 % ointment", "tds", 5, "on the sores after washing"),
            orders.skin_infection(body),
        ],
        shows=Shows((0.0, 0.6)),
    ),
    Picture(
        title="Intestinal helminthiasis",
        code="B82.0",
        often=2.6,
        season=RAINS,
        ages=(2, 14),
        days=(7, 20),
        complaint=("Stomach ache on and off for {days}, passed a worm",),
        history=("Pain around the navel, poor appetite, passed a long worm yesterday. Plays barefoot.",),
        findings=("Not ill, mild pallor. Abdomen soft, not tender.",),
        plan=("Albendazole once, again in 6 months. Shoes, clean hands, washed fruit.",),
        orders=lambda body, visit: all_of(orders.worms(body)),
        shows=Shows(pain=(1, 3)),
    ),
    Picture(
        title="Iron deficiency anaemia",
        code="D50.9",
        often=2.4,
        ages=(16, 48),
        sex=Sex.FEMALE,
        days=(14, 40),
        complaint=("Tired and dizzy on standing for {days}",),
        history=(
            "Easily tired, heart beats fast on climbing. Heavy periods of 7 days with clots. No bleeding elsewhere.",
        ),
        findings=("Pale, no jaundice, no oedema. Soft systolic murmur. Spleen not felt. PCV 26 %, film hypochromic.",),
        plan=("Iron for 3 months, folic acid. Pelvic ultrasound for fibroids. PCV again in 4 weeks.",),
        orders=lambda body, visit: [
            order("ferrous sulfate 200 mg tablet", 200, "mg", "bd", 30, how="stools turn dark"),
            order("folic acid 5 mg tablet", 5, "mg", "od", 30),
        ],
        shows=Shows(pulse=(10, 20), systolic=(-10, -2)),
        review=(28, 30),
    ),
    Picture(
        title="Allergic conjunctivitis",
        code="H10.1",
        often=3,
        season=HARMATTAN,
        clinic=EYE,
        ages=(4, 40),
        days=(7, 30),
        complaint=("Itchy, red eyes for {days}",),
        history=("Both eyes itch and water, worse in dust. Rubs them. Sees well, no pus.",),
        findings=(
            "VA 6/6 both eyes. Brownish conjunctivae, papillae under the upper lids. Cornea clear. Pupils normal.",
        ),
        plan=(
            "Cromoglicate drops through the season, cold compresses, no rubbing. No steroid drops from the chemist.",
        ),
        orders=lambda body, visit: [drops("sodium cromoglicate 2 % eye drops", "qds", 28, "one drop into each eye")],
        shows=Shows(pain=(0, 2)),
    ),
    Picture(
        title="Bacterial conjunctivitis",
        code="H10.0",
        often=2,
        clinic=EYE,
        ages=(1, 60),
        young=1.8,
        days=(1, 4),
        complaint=("Red eye with pus for {days}",),
        history=("Eyelids stick together in the morning, yellow discharge, sees well. Another at school has it.",),
        findings=("VA 6/6. Conjunctiva red, purulent discharge, cornea clear, no staining.",),
        plan=("Chloramphenicol drops for 5 days. Own towel, wash hands. Return for pain or poor sight.",),
        orders=lambda body, visit: [
            drops("chloramphenicol 0.5 % eye drops", "q4h", 5, "one drop into the affected eye while awake")
        ],
        shows=Shows(pain=(1, 3)),
    ),
    Picture(
        title="Senile cataract",
        code="H25.9",
        often=2.4,
        clinic=EYE,
        ages=(58, 95),
        days=(90, 200),
        complaint=("Poor sight in the right eye for {days}",),
        history=("Sight has faded slowly without pain. Glare by day, cannot read. No injury.",),
        findings=(
            "VA right counting fingers, left 6/24. Dense lens opacity right, early left. Pupils react. Pressure "
            "normal.",
        ),
        plan=("Listed for cataract surgery on the right. Blood pressure and blood sugar to be settled before.",),
        orders=lambda body, visit: [
            drops("hypromellose 0.3 % eye drops", "tds", 28, "one drop into each eye for comfort")
        ],
        glucose=True,
    ),
    Picture(
        title="Dental caries with pulpitis",
        code="K04.0",
        often=4,
        clinic=DENTAL,
        ages=(6, 65),
        days=(3, 8),
        complaint=("Toothache for {days}", "Pain in a lower back tooth for {days}"),
        history=("Throbbing pain, worse with cold water and at night, keeps awake. Chews on the other side.",),
        findings=(
            "Deep cavity in a lower first molar, tender to tapping. Gum not swollen, no sinus. Opens mouth fully.",
        ),
        plan=("Pain relief. Extraction or filling today as the patient chooses. Brush twice a day with fluoride.",),
        orders=lambda body, visit: all_of(orders.ibuprofen(body, 3), paracetamol(body, 3)),
        shows=Shows((0.0, 0.4), (2, 8), systolic=(0, 8), pain=(6, 8)),
        note=(
            "Assisted at extraction of a lower first molar under local anaesthesia. Bleeding stopped with pressure. "
            "Told not to rinse today."
        ),
    ),
    Picture(
        title="Periapical abscess",
        code="K04.7",
        often=1.5,
        clinic=DENTAL,
        ages=(8, 60),
        days=(3, 6),
        complaint=("Swollen jaw and toothache for {days}",),
        history=("Pain for a week, swelling since two days, bad taste in the mouth. Swallows well, breathes well.",),
        findings=("Swelling beside the lower jaw, tender, tooth loose and tender. Mouth opens two fingers.",),
        plan=("Drained through the tooth. Antibiotic for 5 days, pain relief, extraction in 3 days.",),
        orders=lambda body, visit: all_of(orders.amoxicillin(body), orders.ibuprofen(body, 3), paracetamol(body, 3)),
        shows=Shows((0.6, 1.6), (4, 12), pain=(6, 8)),
        review=(3, 4),
    ),
    Picture(
        title="Open wound of lower leg",
        code="S81.9",
        often=2.4,
        clinic=EMERGENCY,
        ages=(6, 60),
        days=(1, 1),
        complaint=("Cut on the leg after a fall from a motorcycle",),
        history=("Fell from a motorcycle today, not thrown far. Did not lose consciousness, no vomiting. Walks.",),
        findings=(
            "Alert, GCS 15. Clean cut of 6 cm on the front of the left leg, no bone seen, pulses present, toes move. "
            "No other injury found.",
        ),
        plan=("Washed and sutured under lidocaine. Tetanus vaccine. Dressing every 2 days, stitches out on day 10.",),
        orders=lambda body, visit: all_of(
            order("tetanus and diphtheria vaccine 0.5 mL injection", 1, "ampoule", "stat", route="intramuscular"),
            orders.skin_infection(body),
            paracetamol(body, 5),
        ),
        shows=Shows(pulse=(8, 18), systolic=(0, 10), pain=(5, 7)),
        also=(("Motorcycle rider injured in other specified transport accidents", "V29.8"),),
        note=(
            "Wound washed with one litre of saline, sutured by the doctor, dressed dry. Tetanus vaccine given in the "
            "left arm. Told to keep it dry and to come for dressing the day after tomorrow."
        ),
        review=(2, 3),
    ),
    Picture(
        title="Allergic rhinitis",
        code="J30.4",
        often=2.2,
        season=HARMATTAN,
        ages=(10, 50),
        days=(7, 30),
        complaint=("Sneezing and blocked nose for {days}",),
        history=("Bouts of sneezing in the morning, watery nose, itching palate. Every year in the dry season.",),
        findings=("Pale swollen lining of the nose, clear discharge. Chest clear.",),
        plan=("Loratadine daily while it lasts, keep from dust, wet sweeping.",),
        orders=lambda body, visit: [order("loratadine 10 mg tablet", 10, "mg", "od", 14)],
    ),
    Picture(
        title="Measles without complication",
        code="B05.9",
        often=1.0,
        season=HOT,
        ages=(1, 6),
        days=(4, 6),
        complaint=("Fever for {days}, now a rash",),
        history=("Fever, cough, red eyes; rash began behind the ears and spreads down. Measles vaccine not given.",),
        findings=(
            "Febrile, red eyes, rash on face and trunk, white spots inside the cheeks. Cornea clear. Chest clear.",
        ),
        plan=(
            "Retinol today and tomorrow, paracetamol, fluids, keep from other children. Reported to the health "
            "officer.",
        ),
        orders=lambda body, visit: [
            Order(
                "retinol 200,000 units capsule",
                Decimal(1),
                "capsule",
                "od",
                2,
                how="squeeze the drops into the mouth",
            ),
            paracetamol(body, 3, "fever"),
        ],
        shows=Shows((1.2, 2.4), (6, 14), (3, 8), (-2, 0)),
    ),
    Picture(
        title="Tension-type headache",
        code="G44.2",
        often=2.2,
        ages=(16, 60),
        days=(5, 14),
        complaint=("Headache for {days}",),
        history=(
            "Like a band around the head, towards evening, little sleep, worries at work. No vomiting, sees well.",
        ),
        findings=("Neck muscles tender, fundi normal, no weakness. Neck soft.",),
        plan=("Explained. Rest, water, regular sleep. Paracetamol on no more than 2 days a week.",),
        orders=lambda body, visit: [paracetamol(body, 2, "headache")],
        shows=Shows(systolic=(0, 8), pain=(3, 5)),
    ),
    Picture(
        title="Routine child health examination",
        code="Z00.1",
        often=9,
        ages=(0, 2),
        youngest_months=0,
        days=(28, 28),
        complaint=("Well child, for growth check and immunisation",),
        history=("Breast-fed, no complaint. Immunisation card seen.",),
        findings=(
            "Active, fontanelle flat, hips stable, heart and lungs normal. Weight follows the line on the card.",
        ),
        plan=("Vaccines due today given by the nurse. Mother encouraged; complementary food from six months on.",),
        orders=lambda body, visit: [],
        note=(
            "Vaccines due by the card given, batch written on the card. Observed for 15 minutes, no reaction. Next "
            "date told."
        ),
        review=(28, 42),
    ),
    Picture(
        title="Benign prostatic hyperplasia",
        private=True,
        code="N40",
        often=1.6,
        sex=Sex.MALE,
        ages=(55, 90),
        days=(60, 150),
        complaint=("Weak stream and rising at night to pass urine for {days}",),
        history=("Rises four times a night, waits for the stream, dribbles. No blood, no bone pain.",),
        findings=("Bladder not felt. Prostate enlarged, smooth, groove kept. PSA and ultrasound requested.",),
        plan=("Tamsulosin at night. PSA, ultrasound with residual volume. Surgical clinic with the results.",),
        orders=lambda body, visit: [order("tamsulosin 400 micrograms capsule", 400, "micrograms", "on", 30)],
        certainty=Certainty.PROVISIONAL,
        review=(28, 32),
    ),
)
"""What comes and goes."""


def _hypertension(body: Body, visit: int) -> list[Order]:
    lines = [order(f"amlodipine {5 if visit == 0 else 10} mg tablet", 5 if visit == 0 else 10, "mg", "od", 30)]
    if visit >= 2:
        lines.append(order("losartan 50 mg tablet", 50, "mg", "od", 30))
    return lines


def _diabetes(body: Body, visit: int) -> list[Order]:
    lines = [order("metformin 500 mg tablet", 500 if visit == 0 else 1000, "mg", "bd", 30, how="with food")]
    if visit >= 2:
        lines.append(order("gliclazide 80 mg tablet", 80, "mg", "om", 30, how="with breakfast; never without eating"))
    return lines


def _antenatal(body: Body, visit: int) -> list[Order]:
    weeks = body.weeks_pregnant or 0
    lines = [order("ferrous salt + folic acid 60 mg + 400 micrograms tablet", 1, "tablet", "od", 30)]
    if weeks >= 13:
        lines.append(
            order(
                "sulfadoxine + pyrimethamine 500 mg + 25 mg tablet",
                3,
                "tablet",
                "stat",
                how="taken in the clinic, watched",
            )
        )
    if visit == 0:
        lines.append(order("tetanus and diphtheria vaccine 0.5 mL injection", 1, "ampoule", "stat"))
    return lines


COURSES: tuple[Course, ...] = (
    Course(
        condition=Condition.HYPERTENSION,
        title="Essential (primary) hypertension",
        code="I10",
        often=0,
        ages=(30, 120),
        days=(20, 60),
        every=28,
        clinic=MEDICAL,
        complaint=("High blood pressure found at a screening, headache on and off for {days}",),
        again=("Follow-up for high blood pressure", "Came for blood pressure check and drugs"),
        history=(
            "Heaviness at the back of the head in the morning. No chest pain, no breathlessness, no swelling of the "
            "legs. Adds salt at table. Father died of stroke.",
        ),
        since=(
            "Feels well, takes the tablets every day, none missed last week. No ankle swelling, no dizziness on "
            "standing.",
            "Well. Missed two days when the drugs were finished. No headache, no chest pain.",
        ),
        findings=(
            "Apex not displaced, heart sounds 1 and 2, no murmur. Chest clear. No oedema. Fundi: mild arterial "
            "narrowing.",
            "No pallor, no oedema. Heart sounds normal, pulses equal. Chest clear.",
        ),
        plan=("Amlodipine 5 mg. Less salt, walk daily. Urinalysis, creatinine, potassium, ECG. See in 4 weeks.",),
        later=("Dose stepped up towards a target below 140/90. Adherence praised. See in 4 weeks.",),
        orders=_hypertension,
        review=(28, 28),
    ),
    Course(
        condition=Condition.DIABETES,
        title="Type 2 diabetes mellitus without complications",
        code="E11.9",
        often=0,
        ages=(30, 120),
        days=(30, 80),
        every=28,
        clinic=MEDICAL,
        complaint=("Passing much urine, thirst and weight loss for {days}",),
        again=("Follow-up for diabetes", "Diabetic clinic visit"),
        history=(
            "Drinks and passes urine day and night, lost weight though eating well. Blurred sight. Mother had "
            "diabetes.",
        ),
        since=(
            "Checks fasting sugar on Mondays. Feet without wounds. No hypoglycaemia. Follows the diet on most days.",
        ),
        findings=(
            "Well hydrated. Feet: skin whole, pulses present, monofilament felt. Fundi without haemorrhage.",
            "No ketones in the urine. Feet intact, sensation normal.",
        ),
        plan=(
            "Metformin with food, stepped up at the next visit. Diet and feet explained. HbA1c, creatinine, lipids.",
        ),
        later=("Sugar coming down. Metformin 1 g twice a day; feet and eyes looked at. See in 4 weeks.",),
        orders=_diabetes,
        glucose=True,
        review=(28, 28),
    ),
    Course(
        condition=Condition.PREGNANCY,
        title="Supervision of normal pregnancy",
        code="Z34.9",
        often=0,
        ages=(15, 48),
        sex=Sex.FEMALE,
        days=(28, 28),
        every=28,
        clinic=ANTENATAL,
        complaint=("Booking visit at {weeks} weeks",),
        again=("Antenatal visit at {weeks} weeks",),
        history=("Planned pregnancy. Nausea in the mornings has settled. No bleeding, no pain, no fever.",),
        since=("Feels the child move. No bleeding, no headache, no blurred sight, no swelling of the face.",),
        findings=(
            "No pallor, no oedema. Fundal height fits {weeks} weeks. Fetal heart 142/min. Urine: no protein, no sugar.",
        ),
        plan=(
            "Booking bloods: PCV, group, genotype, HIV, VDRL, hepatitis B. Iron and folic acid, treated net. Danger "
            "signs explained. See in 4 weeks.",
        ),
        later=("Preventive malaria treatment taken in the clinic. Birth plan talked over. See in 4 weeks.",),
        orders=_antenatal,
        review=(28, 28),
    ),
    Course(
        condition=Condition.ASTHMA,
        title="Asthma",
        code="J45.9",
        often=0,
        season=HARMATTAN,
        ages=(4, 90),
        days=(2, 5),
        every=42,
        clinic=None,
        complaint=("Cough and wheeze for {days}",),
        again=("Review of asthma",),
        history=("Tight chest at night and in the dust, wheeze heard by the family. Known since childhood. No fever.",),
        since=("Uses the reliever twice a week. Wakes up once a week with cough. Inhaler technique shown again.",),
        findings=("Speaks in sentences, scattered wheeze on both sides, no in-drawing. Peak flow 75 % of expected.",),
        plan=(
            "Salbutamol by spacer now, better after 20 minutes. Prednisolone for 5 days, inhaled steroid every day.",
        ),
        later=("Goes on with inhaled beclometasone twice a day; reliever when needed. Keep away from dust and smoke.",),
        orders=lambda body, visit: all_of(
            orders.salbutamol(body),
            order(
                "beclometasone 100 micrograms/dose inhaler",
                1 if body.child else 2,
                "puff",
                "bd",
                30,
                how="rinse the mouth afterwards",
            ),
            orders.prednisolone(body, 5 if not body.child else 3) if visit == 0 else None,
        ),
        shows=Shows((0, 0.3), (6, 16), (4, 8), (-3, -1)),
        note=(
            "Salbutamol 4 puffs by spacer three times within the hour. Breathing easier, wheeze less. Technique shown."
        ),
        review=(28, 42),
    ),
    Course(
        condition=Condition.SICKLE_CELL,
        title="Sickle-cell anaemia",
        code="D57.1",
        often=0,
        ages=(1, 60),
        days=(2, 3),
        every=35,
        clinic=None,
        complaint=("Pain in both legs and the back for {days}",),
        again=("Sickle cell clinic visit",),
        history=("Bone pain after a cold night, like earlier crises. No fever, no chest pain, no weakness of a limb.",),
        since=("No crisis since the last visit, no transfusion. Takes folic acid and proguanil every day.",),
        findings=(
            "Mild jaundice and pallor. Tender shins, no swelling, no heat. Chest clear. Spleen not felt. PCV 23 %.",
        ),
        plan=(
            "Fluids, pain relief by the clock, warmth. Folic acid and proguanil for life. Return for fever or chest "
            "pain.",
        ),
        later=("Steady state. Folic acid and proguanil to go on. Hydroxyurea explained to the family.",),
        orders=lambda body, visit: all_of(
            order("folic acid 5 mg tablet", 5, "mg", "od", 30),
            order(
                "proguanil 100 mg tablet",
                25 if body.months < 12 else 50 if body.years < 5 else 100 if body.child else 200,
                "mg",
                "od",
                30,
            ),
            paracetamol(body, 5) if visit == 0 else None,
            orders.ibuprofen(body, 5) if visit == 0 else None,
        ),
        shows=Shows((0, 0.5), (8, 16), (0, 3), (-2, 0), pain=(5, 8)),
        review=(28, 35),
    ),
    Course(
        condition=Condition.HIV,
        title="Asymptomatic human immunodeficiency virus infection status",
        code="Z21",
        often=0,
        ages=(15, 80),
        days=(28, 28),
        every=30,
        clinic=MEDICAL,
        complaint=("Came for refill",),
        again=("Came for refill",),
        history=(
            "On treatment for four years, viral load undetectable last time. Well, weight steady. Discloses to spouse.",
        ),
        since=("No dose missed. No cough, no fever, no night sweats.",),
        findings=("Well, no thrush, no glands, no rash. Chest clear.",),
        plan=("Same treatment. Viral load due in 3 months. Tuberculosis screen negative.",),
        later=("Same treatment, 30 days. Condoms given.",),
        orders=lambda body, visit: [
            order("tenofovir + lamivudine + dolutegravir 300 mg + 300 mg + 50 mg tablet", 1, "tablet", "od", 30)
        ],
        review=(30, 30),
    ),
    Course(
        condition=Condition.TUBERCULOSIS,
        title="Tuberculosis of lung, confirmed by sputum microscopy",
        code="A15.0",
        often=0,
        ages=(15, 90),
        days=(28, 60),
        every=28,
        clinic=MEDICAL,
        complaint=("Cough for {days}, night sweats and weight loss",),
        again=("Tuberculosis clinic, review",),
        history=(
            "Cough with sputum, once streaked with blood, evening fever, clothes have become loose. A cousin had it.",
        ),
        since=("Cough nearly gone, appetite back. Urine orange as told. No yellow eyes, sees colours well.",),
        findings=(
            "Thin, crackles at the right upper zone. GeneXpert: MTB detected, rifampicin resistance not detected.",
        ),
        plan=("Category 1 treatment with a helper at home. HIV test. Household screened. Notified.",),
        later=("Gaining weight. Treatment goes on, sputum at the end of month 2.",),
        orders=lambda body, visit: [orders.anti_tuberculous(body, intensive=visit < 2)],
        shows=Shows((0, 0.8), (4, 12), (2, 5), (-2, -1)),
        review=(28, 28),
    ),
    Course(
        condition=Condition.EPILEPSY,
        title="Epilepsy",
        code="G40.9",
        often=0,
        ages=(6, 80),
        days=(28, 28),
        every=42,
        clinic=MEDICAL,
        complaint=("Two fits in the last month",),
        again=("Follow-up for fits",),
        history=(
            "Falls, stiffens and jerks for two minutes, bites the tongue, sleeps afterwards. Drugs had finished.",
        ),
        since=("No fit since the last visit. Takes the tablets. Keeps from open fire and the well.",),
        findings=("Healed burn on the forearm. No weakness, no signs of toxicity.",),
        plan=("Carbamazepine started again and built up. Safety at fire and water explained to the family.",),
        later=("No fits. Same dose.",),
        orders=lambda body, visit: [
            order("carbamazepine 200 mg tablet", 100 if body.kg < 25 else 200, "mg", "bd", 42, how="with food")
        ],
        review=(42, 42),
    ),
    Course(
        condition=Condition.ARTHROSIS,
        title="Gonarthrosis",
        code="M17.9",
        often=0,
        ages=(45, 120),
        days=(30, 120),
        every=45,
        clinic=OUTPATIENTS,
        complaint=("Knee pain on walking for {days}",),
        again=("Knee pain, review",),
        history=(
            "Pain in both knees on rising and climbing, stiff for ten minutes in the morning. No swelling, no fever.",
        ),
        since=("Better with the exercises, walks to the market. Pain after kneeling.",),
        findings=("Crepitus in both knees, no effusion, no heat. Bends to 110 degrees.",),
        plan=("Paracetamol, exercises for the thigh, a stick, lose weight.",),
        later=("Exercises to go on, paracetamol when needed.",),
        orders=lambda body, visit: [paracetamol(body, 14)],
        shows=Shows(pain=(3, 5)),
        review=(42, 48),
    ),
    Course(
        condition=Condition.GLAUCOMA,
        title="Primary open-angle glaucoma",
        code="H40.1",
        often=0,
        ages=(40, 120),
        days=(60, 120),
        every=42,
        clinic=EYE,
        complaint=("Bumps into things, sight poorer for {days}",),
        again=("Glaucoma review",),
        history=("No pain. Sister lost her sight from the same.",),
        since=("Uses the drops every day, shown by the half-empty bottle. No redness.",),
        findings=(
            "VA 6/12 both eyes. Discs cupped 0.7 right, 0.6 left. Pressure by applanation noted on the eye card.",
        ),
        plan=("Timolol drops for life; what is lost does not come back. Brothers and sisters to be examined.",),
        later=("Pressure down. Drops to go on.",),
        orders=lambda body, visit: [
            drops("latanoprost 50 micrograms/mL eye drops", "on", 30, "one drop into each eye at night")
            if visit >= 2
            else drops("timolol 0.5 % eye drops", "bd", 30, "one drop into each eye")
        ],
        review=(42, 42),
    ),
    Course(
        condition=Condition.HEART_FAILURE,
        title="Hypertensive heart disease with congestive heart failure",
        code="I11.0",
        often=0,
        ages=(45, 120),
        days=(10, 20),
        every=21,
        clinic=MEDICAL,
        complaint=("Breathless on walking and swollen legs for {days}",),
        again=("Heart failure review",),
        history=(
            "Sleeps on three pillows, wakes up breathless. Legs swollen towards evening. Known high blood pressure.",
        ),
        since=("Sleeps on one pillow, legs less swollen. Weighs daily. Passes much urine in the morning.",),
        findings=(
            "Breathing fast on lying down, neck veins raised, apex displaced, crackles at both bases, pitting to the "
            "knee.",
            "Neck veins not raised, few crackles at the bases, oedema of the ankles only.",
        ),
        plan=("Furosemide, lisinopril, salt and fluid restriction, daily weight. Echo, creatinine and potassium.",),
        later=("Better. Bisoprolol and spironolactone added slowly; potassium in 2 weeks.",),
        orders=lambda body, visit: all_of(
            order("furosemide 40 mg tablet", 40, "mg", "om", 28),
            order("lisinopril 10 mg tablet", 5 if visit == 0 else 10, "mg", "od", 28),
            order("spironolactone 25 mg tablet", 25, "mg", "od", 28) if visit >= 1 else None,
            order("bisoprolol 5 mg tablet", "2.5", "mg", "od", 28) if visit >= 2 else None,
        ),
        shows=Shows((0, 0.2), (6, 14), (3, 7), (-4, -2)),
        review=(21, 21),
    ),
)
"""What somebody lives with."""


def likely(person: Person, on: date) -> dict[Picture, float]:
    """What this person may come with on that day, and how likely each is."""
    years, months = person.years(on), person.months(on)
    pregnant = person.weeks_pregnant(on) is not None
    return {
        picture: picture.often * picture.season[on.month - 1] * (picture.young if years < 5 else 1.0)
        for picture in ACUTE
        if picture.ages[0] <= years < picture.ages[1]
        and months >= picture.youngest_months
        and picture.sex in (None, person.sex)
        and (picture.in_pregnancy is not None or not pregnant)
    }


def courses(person: Person) -> list[Course]:
    """What this person comes for again and again. Who treats the failing heart treats the blood pressure too."""
    held = set(person.conditions)
    if Condition.HEART_FAILURE in held:
        held.discard(Condition.HYPERTENSION)
    return [course for course in COURSES if course.condition in held]
