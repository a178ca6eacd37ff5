"""Names as the peoples of Nigeria give them, and where they come from. Common names put together by chance."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hmis.people.models import Sex


@dataclass(frozen=True)
class People:
    """One people: which names go together, what they speak and believe, and where home is."""

    name: str
    language: str
    share: int
    """Of a hundred patients at this hospital."""
    muslims: int
    """Of a hundred of them."""
    women: tuple[str, ...]
    men: tuple[str, ...]
    muslim_women: tuple[str, ...]
    muslim_men: tuple[str, ...]
    families: tuple[str, ...]
    homes: tuple[tuple[str, str], ...]
    """State and local government area."""


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_CHRISTIAN_WOMEN = _names(
    "Blessing Grace Mercy Patience Joy Esther Ruth Mary Comfort Faith Peace Victoria Deborah Rebecca Hannah Joyce Rose "
    "Rachael Sarah Elizabeth Martha Precious Gloria Juliet Favour"
)
_CHRISTIAN_MEN = _names(
    "Emmanuel Samuel John Daniel Joseph Peter Paul David Michael Stephen James Sunday Moses Godwin Solomon Philip "
    "Isaac Gabriel Joshua Simon Francis Matthew Timothy Monday Augustine"
)
_MUSLIM_WOMEN = _names(
    "Aisha Fatima Zainab Hauwa Maryam Halima Khadija Amina Rukayya Hadiza Safiya Asma'u Bilkisu Sadiya Rabi Ladi "
    "Jamila Nafisa Habiba Hassana Hussaina Zuwaira Talatu Balaraba Binta Saratu Lami Umma Ramatu Salamatu"
)
_MUSLIM_MEN = _names(
    "Musa Ibrahim Abubakar Usman Aliyu Umar Yusuf Sani Bello Garba Haruna Idris Ismail Kabiru Lawal Mustapha Nasiru "
    "Rabiu Sadiq Shehu Suleiman Tanko Yakubu Auwal Bashir Hamza Isah Jibrin Nura Danladi"
)

PEOPLES: tuple[People, ...] = (
    People(
        "Hausa",
        "Hausa",
        22,
        96,
        _CHRISTIAN_WOMEN,
        _CHRISTIAN_MEN,
        _MUSLIM_WOMEN,
        _MUSLIM_MEN,
        _names(
            "Abdullahi Ibrahim Musa Bello Abubakar Sani Garba Danjuma Shehu Yakubu Tanko Mohammed Aliyu Umar Usman "
            "Sule Dauda Adamu Haruna Lawal Idris Isah Bala Gambo Dikko Maigari Kwalli Ɗangana Ɓalarabe Ƙofar-Mata"
        ),
        (("Kano", "Nasarawa"), ("Kano", "Dala"), ("Katsina", "Funtua"), ("Kaduna", "Zaria"), ("Sokoto", "Wamakko")),
    ),
    People(
        "Yoruba",
        "Yoruba",
        20,
        42,
        _names(
            "Folasade Folake Yetunde Bukola Titilayo Omolara Abimbola Adunni Morenike Ronke Simisola Temitope Olufunke "
            "Kehinde Taiwo Ìyábọ̀ Bọ́lánlé Oluwaseun Ayọ̀délé Mojisola Oluwatoyin Modupe"
        ),
        _names(
            "Olumide Babatunde Oluwaseun Adebayo Akin Kehinde Taiwo Femi Gbenga Ọláwálé Tunde Kunle Segun Rotimi Dayo "
            "Ayọ̀délé Adekunle Temitope Olusegun Kayode Wale Bọ́lájí Idowu Sola"
        ),
        _names("Aishat Fatimah Ramota Simiat Rukayat Sherifat Kudirat Risikat Muibat Silifat Basirat Nimota"),
        _names("Lukman Rasaq Mufutau Saheed Taofeek Wasiu Jimoh Ganiyu Lateef Sikiru Kamoru Ibrahim"),
        _names(
            "Adeyemi Ogunleye Adebayo Olawale Akinwale Ojo Adeleke Oyedele Balogun Ajayi Fashola Oladipo Ogunbanjo "
            "Akande Oyelaran Bamidele Afolabi Adégbọ́lá Ọ̀ṣọ́bà Salami Lawal Raji Alabi Olatunji Ayinde Fagbemi Oke"
        ),
        (
            ("Oyo", "Ibadan North"),
            ("Ogun", "Abeokuta South"),
            ("Osun", "Osogbo"),
            ("Ekiti", "Ado Ekiti"),
            ("Kwara", "Offa"),
        ),
    ),
    People(
        "Igbo",
        "Igbo",
        18,
        1,
        _names(
            "Ngozi Chioma Adaeze Amaka Ifeoma Nkechi Chidinma Obiageli Uchenna Nneka Ogechi Ijeoma Ebere Chinyere "
            "Ọgọchukwu Nwakaego Uju Adaobi Kosisọchukwu Onyinye Chinwe Ezinne Oluchi"
        ),
        _names(
            "Chinedu Emeka Obinna Ikechukwu Uche Chukwuma Nnamdi Kelechi Ifeanyi Chibuzor Okechukwu Somtochukwu Ebuka "
            "Onyekachi Tochukwu Ugochukwu Ọbịọra Chidi Azubuike Kenechukwu Ikenna"
        ),
        _names("Amina Maryam"),
        _names("Yusuf Ibrahim"),
        _names(
            "Okafor Eze Nwosu Okeke Obi Onyekachi Nwachukwu Okonkwo Chukwu Umeh Nnadi Agu Anyanwu Ibe Ezeudu Mbah "
            "Okoro Udeh Onuoha Igwe Ọkọlị Nwankwo Ugwu Anozie Opara Uzoma Ezenwa Ọnwụka"
        ),
        (
            ("Enugu", "Nsukka"),
            ("Anambra", "Nnewi North"),
            ("Imo", "Orlu"),
            ("Abia", "Umuahia North"),
            ("Ebonyi", "Afikpo North"),
        ),
    ),
    People(
        "Tiv",
        "Tiv",
        11,
        2,
        _names("Mngusuul Doofan Nguveren Mbakeren Hembadoon Wantor Dooshima Kashimana Sewuese Mimidoo Ngunan Iveren"),
        _names("Terver Aondoakaa Tersoo Terhemba Iorlumun Terkimbi Orduen Aondona Tyoakaa Msughter Sesugh Terfa"),
        _names("Aisha Hauwa"),
        _names("Musa Yakubu"),
        _names(
            "Iorfa Akaa Tyover Agbo Gbenda Ayua Shaahu Ugba Kpamor Igba Atser Anyam Ikyaan Torkula Utsaha Ityavyar "
            "Mbakighir Aper"
        ),
        (("Benue", "Gboko"), ("Benue", "Makurdi"), ("Benue", "Vandeikya"), ("Nasarawa", "Doma")),
    ),
    People(
        "Edo",
        "Edo",
        8,
        6,
        _names("Osarugue Itohan Isoken Omosede Efosa Eki Adesuwa Osayi Ivie Amenze Uwa Ọsẹ́mwẹ̀nde Iziegbe Aisosa"),
        _names("Osagie Efosa Osaro Nosakhare Osazuwa Eghosa Igbinosa Osahon Imuetinyan Aighewi Ẹ̀dẹ́nọ́ghọ́ Uyi"),
        _names("Zainab Mariam"),
        _names("Momoh Yesufu"),
        _names(
            "Osagie Igbinedion Aigbe Osunde Omoruyi Obaseki Idahosa Edosomwan Ogbeide Uwaifo Izevbigie Ehigie Iyamu "
            "Oviasu Agho"
        ),
        (("Edo", "Oredo"), ("Edo", "Egor"), ("Edo", "Uhunmwonde")),
    ),
    People(
        "Gbagyi",
        "Gbagyi",
        8,
        28,
        _names("Laraba Asabe Jummai Tabitha Saraya Lydia Naomi Jemima Kaka Sarauniya"),
        _names("Dogo Gwamna Bawa Barnabas Kure Shekwoyemi Zakka Nathaniel Ayuba Luka"),
        _MUSLIM_WOMEN,
        _MUSLIM_MEN,
        _names("Gimba Baba Dogara Barde Kuta Sarki Zhokwo Ayuba Bawa Tagwai Shekwolo Gwatana Danlami Kpada"),
        (("Federal Capital Territory", "Bwari"), ("Niger", "Shiroro"), ("Niger", "Bosso")),
    ),
    People(
        "Nupe",
        "Nupe",
        5,
        92,
        _names("Rahila Rhoda"),
        _names("Jiya Kolo"),
        _names("Fatima Aishatu Habiba Hajara Zainab Nnadzwa Yebosoko Rukayya"),
        _names("Ndagi Mohammed Alhassan Baba Saba Ibrahim Jiya Usman"),
        _names("Ndayako Kolo Jiya Tsado Gana Saba Etsu Ndako Masaba Wushishi Mokwa"),
        (("Niger", "Bida"), ("Niger", "Lavun"), ("Kwara", "Edu")),
    ),
    People(
        "Igala",
        "Igala",
        8,
        45,
        _names("Ojoma Enekole Ufedo Ojochide Unekwu Achenyo Alami Ele"),
        _names("Ojonugwa Ocholi Attah Idoko Enejo Achile Abuh Ejike"),
        _names("Amina Salamatu Hadiza Memunat Ramatu"),
        _names("Idris Yahaya Shaibu Yusufu Abdul"),
        _names("Ocheje Attah Abah Achimugu Ameh Idachaba Onuh Egwu Ogala Adejoh Ochala Akubo"),
        (("Kogi", "Dekina"), ("Kogi", "Ankpa"), ("Kogi", "Idah")),
    ),
)
"""Those who live around the hospital, and those who came from further away."""

NEIGHBOURHOOD: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Federal Capital Territory", "Gwagwalada", ("Gwagwalada", "Zuba", "Dobi", "Paiko")),
    ("Federal Capital Territory", "Abuja Municipal", ("Nyanya", "Karshi", "Garki", "Lugbe", "Gwarinpa")),
    ("Federal Capital Territory", "Bwari", ("Bwari", "Kubwa", "Ushafa", "Dutse Alhaji")),
    ("Federal Capital Territory", "Kuje", ("Kuje", "Chibiri", "Gaube")),
    ("Federal Capital Territory", "Kwali", ("Kwali", "Yangoji")),
    ("Federal Capital Territory", "Abaji", ("Abaji", "Yaba")),
    ("Nasarawa", "Karu", ("Mararaba", "New Karu", "Masaka", "Ado")),
    ("Nasarawa", "Keffi", ("Keffi",)),
    ("Niger", "Suleja", ("Suleja", "Madalla")),
    ("Niger", "Tafa", ("Sabon Wuse", "New Bwari")),
    ("Kogi", "Lokoja", ("Lokoja", "Felele")),
    ("Kaduna", "Kagarko", ("Kagarko", "Jere")),
)
"""State, local government area and towns around the hospital, which stands in the Federal Capital Territory."""


@dataclass(frozen=True)
class Name:
    """A person's name, and what goes with it."""

    given: str
    family: str
    other: str | None
    religion: str


def name(random: Random, people: People, sex: Sex, *, family: str | None = None, religion: str | None = None) -> Name:
    """A name of this people; `family` and `religion` where those are settled already."""
    belief = religion or ("Islam" if random.randrange(100) < people.muslims else "Christianity")
    given, saints = _given(people, sex, belief)
    first = random.choice(given)
    other = random.choice(saints) if belief == "Christianity" and random.random() < 0.3 else None
    names = [n for n in people.families if n != first]
    return Name(first, family or random.choice(names), other if other != first else None, belief)


def _given(people: People, sex: Sex, belief: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    woman = sex is Sex.FEMALE
    if belief == "Islam":
        return (people.muslim_women if woman else people.muslim_men), ()
    saints = _CHRISTIAN_WOMEN if woman else _CHRISTIAN_MEN
    # Most go by a name of their own language, some by one from the Bible.
    own = people.women if woman else people.men
    return (*own, *own, *saints) if own is not saints else saints, saints
