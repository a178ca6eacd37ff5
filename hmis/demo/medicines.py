"""The drugs this hospital keeps, after the WHO Model List of Essential Medicines (23rd list, 2023).

Some twelve are not on that list but in every pharmacy here. Pack sizes are usual ones, not those of a maker.
"""

from __future__ import annotations

from collections.abc import Iterator

from hmis.formulary.schemas import DrugIn

_LIST = """
acetylsalicylic acid | 75 mg | tablet | oral | 28
acetylsalicylic acid | 300 mg | tablet | oral | 100
aciclovir | 400 mg | tablet | oral | 25
albendazole | 400 mg | chewable tablet | oral | 1
aluminium hydroxide + magnesium hydroxide | 225 mg + 200 mg/5 mL | oral suspension | oral | 200
amitriptyline | 25 mg | tablet | oral | 100
amlodipine | 5 mg | tablet | oral | 28
amlodipine | 10 mg | tablet | oral | 28
amoxicillin | 250 mg | dispersible tablet | oral | 100
amoxicillin | 500 mg | capsule | oral | 100
amoxicillin | 125 mg/5 mL | oral suspension | oral | 100
amoxicillin | 250 mg/5 mL | oral suspension | oral | 100
amoxicillin + clavulanic acid | 500 mg + 125 mg | tablet | oral | 15
ampicillin | 500 mg | vial | intravenous | 50
artemether + lumefantrine | 20 mg + 120 mg | dispersible tablet | oral | 24
artemether + lumefantrine | 80 mg + 480 mg | tablet | oral | 6
artesunate | 60 mg | vial | intravenous | 1
artesunate | 100 mg | suppository | rectal | 2
atorvastatin | 20 mg | tablet | oral | 30
azithromycin | 500 mg | tablet | oral | 3
azithromycin | 200 mg/5 mL | oral suspension | oral | 15
beclometasone | 100 micrograms/dose | inhaler | inhaled | 200
benzathine benzylpenicillin | 2.4 million units | vial | intramuscular | 1
benzyl benzoate | 25 % | lotion | topical | 100
benzylpenicillin | 600 mg | vial | intravenous | 50
betamethasone | 0.1 % | cream | topical | 30
bisoprolol | 5 mg | tablet | oral | 28
calamine | 15 % | lotion | topical | 100
calcium carbonate | 500 mg | tablet | oral | 100
carbamazepine | 200 mg | tablet | oral | 100
cefalexin | 500 mg | capsule | oral | 100
cefalexin | 125 mg/5 mL | oral suspension | oral | 100
cefixime | 400 mg | tablet | oral | 10
ceftriaxone | 1 g | vial | intravenous | 1
cetirizine | 10 mg | tablet | oral | 30
cetirizine | 5 mg/5 mL | syrup | oral | 60
chloramphenicol | 0.5 % | eye drops | to the eye | 10
chlorphenamine | 4 mg | tablet | oral | 100
chlorphenamine | 2 mg/5 mL | syrup | oral | 60
ciprofloxacin | 500 mg | tablet | oral | 10
ciprofloxacin | 0.3 % | ear drops | to the ear | 5
clarithromycin | 500 mg | tablet | oral | 14
clopidogrel | 75 mg | tablet | oral | 28
clotrimazole | 1 % | cream | topical | 20
clotrimazole | 500 mg | pessary | vaginal | 1
cloxacillin | 500 mg | capsule | oral | 100
dexamethasone | 4 mg/mL | injection | intravenous | 10
diazepam | 10 mg/2 mL | injection | intravenous | 10
diclofenac | 75 mg/3 mL | injection | intramuscular | 10
digoxin | 250 micrograms | tablet | oral | 28
doxycycline | 100 mg | capsule | oral | 100
enalapril | 5 mg | tablet | oral | 28
enoxaparin | 40 mg/0.4 mL | injection | subcutaneous | 2
epinephrine | 1 mg/mL | injection | intramuscular | 10
ferrous sulfate | 200 mg | tablet | oral | 100
ferrous sulfate | 125 mg/5 mL | syrup | oral | 100
ferrous salt + folic acid | 60 mg + 400 micrograms | tablet | oral | 100
fluconazole | 150 mg | capsule | oral | 1
fluoxetine | 20 mg | capsule | oral | 30
folic acid | 5 mg | tablet | oral | 100
furosemide | 40 mg | tablet | oral | 100
furosemide | 20 mg/2 mL | injection | intravenous | 10
gentamicin | 80 mg/2 mL | injection | intravenous | 10
gentamicin | 0.3 % | eye drops | to the eye | 10
gliclazide | 80 mg | tablet | oral | 60
glucose | 5 % | infusion | intravenous | 1
glucose | 50 % | injection | intravenous | 10
griseofulvin | 500 mg | tablet | oral | 100
griseofulvin | 125 mg/5 mL | oral suspension | oral | 100
haloperidol | 5 mg | tablet | oral | 100
hydralazine | 20 mg | vial | intravenous | 5
hydrochlorothiazide | 25 mg | tablet | oral | 100
hydrocortisone | 1 % | cream | topical | 15
hydrocortisone | 100 mg | vial | intravenous | 1
hydroxycarbamide | 500 mg | capsule | oral | 100
hyoscine butylbromide | 10 mg | tablet | oral | 100
hypromellose | 0.3 % | eye drops | to the eye | 10
ibuprofen | 400 mg | tablet | oral | 100
ibuprofen | 100 mg/5 mL | oral suspension | oral | 100
insulin, biphasic isophane 30/70 | 100 units/mL | vial | subcutaneous | 10
insulin, soluble | 100 units/mL | vial | subcutaneous | 10
isoniazid + rifampicin | 75 mg + 150 mg | tablet | oral | 84
isoniazid + rifampicin + pyrazinamide + ethambutol | 75 mg + 150 mg + 400 mg + 275 mg | tablet | oral | 84
ivermectin | 3 mg | tablet | oral | 100
ketamine | 50 mg/mL | injection | intravenous | 5
lactulose | 3.35 g/5 mL | syrup | oral | 200
latanoprost | 50 micrograms/mL | eye drops | to the eye | 2
levonorgestrel + ethinylestradiol | 150 micrograms + 30 micrograms | tablet | oral | 28
levothyroxine | 50 micrograms | tablet | oral | 100
lidocaine | 2 % | injection | infiltration | 10
lisinopril | 10 mg | tablet | oral | 28
loratadine | 10 mg | tablet | oral | 30
losartan | 50 mg | tablet | oral | 28
magnesium sulfate | 5 g/10 mL | injection | intramuscular | 10
medroxyprogesterone | 150 mg/mL | injection | intramuscular | 1
metformin | 500 mg | tablet | oral | 100
metformin | 1000 mg | tablet | oral | 30
methyldopa | 250 mg | tablet | oral | 100
metoclopramide | 10 mg | tablet | oral | 100
metronidazole | 400 mg | tablet | oral | 100
metronidazole | 200 mg/5 mL | oral suspension | oral | 100
metronidazole | 500 mg/100 mL | infusion | intravenous | 1
miconazole | 2 % | cream | topical | 30
misoprostol | 200 micrograms | tablet | oral | 28
morphine | 10 mg/mL | injection | subcutaneous | 10
morphine | 10 mg/5 mL | oral solution | oral | 100
mupirocin | 2 % | ointment | topical | 15
nifedipine | 20 mg | modified-release tablet | oral | 100
nitrofurantoin | 100 mg | modified-release capsule | oral | 10
nystatin | 100,000 units/mL | oral suspension | oral | 30
omeprazole | 20 mg | capsule | oral | 28
ondansetron | 4 mg | tablet | oral | 10
oral rehydration salts | 20.5 g | sachet | oral | 10
oxytocin | 10 units/mL | injection | intramuscular | 10
paracetamol | 500 mg | tablet | oral | 100
paracetamol | 120 mg/5 mL | syrup | oral | 100
paracetamol | 125 mg | suppository | rectal | 10
permethrin | 5 % | cream | topical | 30
phenobarbital | 30 mg | tablet | oral | 100
phenoxymethylpenicillin | 250 mg | tablet | oral | 100
praziquantel | 600 mg | tablet | oral | 100
prednisolone | 5 mg | tablet | oral | 100
proguanil | 100 mg | tablet | oral | 100
propranolol | 40 mg | tablet | oral | 100
quinine | 300 mg | tablet | oral | 100
retinol | 200,000 units | capsule | oral | 100
salbutamol | 100 micrograms/dose | inhaler | inhaled | 200
salbutamol | 5 mg/2.5 mL | nebuliser ampoule | nebulised | 20
silver sulfadiazine | 1 % | cream | topical | 50
sodium chloride | 0.9 % | infusion | intravenous | 1
sodium chloride | 0.9 % | nasal drops | to the nose | 10
sodium cromoglicate | 2 % | eye drops | to the eye | 10
sodium lactate, compound (Ringer) | | infusion | intravenous | 1
spironolactone | 25 mg | tablet | oral | 28
sulfadoxine + pyrimethamine | 500 mg + 25 mg | tablet | oral | 3
sulfamethoxazole + trimethoprim | 800 mg + 160 mg | tablet | oral | 100
tamsulosin | 400 micrograms | capsule | oral | 30
tenofovir + lamivudine + dolutegravir | 300 mg + 300 mg + 50 mg | tablet | oral | 30
tetanus and diphtheria vaccine | 0.5 mL | injection | intramuscular | 10
tetracycline | 1 % | eye ointment | to the eye | 5
timolol | 0.5 % | eye drops | to the eye | 5
tramadol | 50 mg | capsule | oral | 100
tranexamic acid | 500 mg | tablet | oral | 20
valproic acid | 200 mg | tablet | oral | 100
warfarin | 5 mg | tablet | oral | 28
zinc sulfate | 20 mg | dispersible tablet | oral | 10
zidovudine + lamivudine | 300 mg + 150 mg | tablet | oral | 60
"""


def kept() -> Iterator[DrugIn]:
    """Every drug of the list."""
    for row in _LIST.strip().splitlines():
        generic, strength, form, route, pack = (cell.strip() for cell in row.split("|"))
        yield DrugIn(generic_name=generic, strength=strength or None, form=form, route=route, pack_size=int(pack))
