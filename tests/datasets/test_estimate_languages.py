"""The estimate of tokens in many scripts and languages and for text that is no language: within its bound, each one."""

from __future__ import annotations

import base64
import json
import os
import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from maas_client.catalog.lookup import find_model
from maas_client.datasets.tokens.counter_choice import counter_for
from maas_client.datasets.tokens.estimation import EstimateMeasure
from maas_client.datasets.tokens.row_tokens import RowCounter, TemplateCounter

SHARED = Path(os.environ.get("MAAS_SHARED", Path(__file__).resolve().parents[3] / "shared"))
FOLDERS = {
    "Phi-3-mini-4k-instruct": "phi-3-mini",
    "Phi-3-small-8k-instruct": "phi-3-small",
    "Phi-4-mini-instruct": "phi-4-mini",
}
"""A model of each kind of tokenizer; what is not in ../shared is skipped."""

MODELS = [
    pytest.param(
        model,
        marks=pytest.mark.skipif(
            not (SHARED / "tokenizers" / folder).is_dir(), reason=f"no tokenizer {folder} in {SHARED}"
        ),
    )
    for model, folder in FOLDERS.items()
]

LANGUAGES = {
    "English": "Where is the nearest station? The shop opens tomorrow at nine, and my brother wants to buy two books.",
    "German": "Wo ist der nächste Bahnhof? Der Laden öffnet morgen um neun, und mein Bruder will zwei Bücher kaufen.",
    "French": "Où est la gare la plus proche ? Le magasin ouvre demain à neuf heures, et mon frère veut deux livres.",
    "Spanish": "¿Dónde está la estación más cercana? La tienda abre mañana a las nueve y mi hermano quiere dos libros.",
    "Portuguese": "Onde fica a estação mais próxima? A loja abre amanhã às nove e o meu irmão quer dois livros.",
    "Italian": "Dov'è la stazione più vicina? Il negozio apre domani alle nove e mio fratello vuole due libri.",
    "Dutch": "Waar is het dichtstbijzijnde station? De winkel gaat morgen om negen uur open en mijn broer wil boeken.",
    "Swedish": "Var ligger närmaste station? Affären öppnar i morgon klockan nio, och min bror vill köpa två böcker.",
    "Polish": "Gdzie jest najbliższa stacja? Sklep otwiera się jutro o dziewiątej, a mój brat chce kupić dwie książki.",
    "Czech": "Kde je nejbližší nádraží? Obchod otevírá zítra v devět hodin a můj bratr si chce koupit dvě knihy.",
    "Hungarian": "Hol van a legközelebbi állomás? A bolt holnap kilenckor nyit, és a bátyám két könyvet akar venni.",
    "Finnish": "Missä on lähin asema? Kauppa aukeaa huomenna kello yhdeksän, ja veljeni haluaa ostaa kaksi kirjaa.",
    "Turkish": "En yakın istasyon nerede? Dükkân yarın saat dokuzda açılıyor ve kardeşim iki kitap almak istiyor.",
    "Vietnamese": "Nhà ga gần nhất ở đâu? Cửa hàng mở cửa lúc chín giờ sáng mai, và anh tôi muốn mua hai quyển sách.",
    "Indonesian": "Di mana stasiun terdekat? Toko itu buka besok pukul sembilan, dan kakak saya ingin beli dua buku.",
    "Swahili": "Kituo cha karibu kiko wapi? Duka litafunguliwa kesho saa tatu, na kaka yangu anataka vitabu viwili.",
    "Russian": "Где находится ближайшая станция? Магазин открывается завтра в девять, и мой брат хочет две книги.",
    "Ukrainian": "Де найближча станція? Крамниця відкривається завтра о дев'ятій, і мій брат хоче купити дві книжки.",
    "Bulgarian": "Къде е най-близката гара? Магазинът отваря утре в девет часа и брат ми иска да купи две книги.",
    "Kazakh": "Ең жақын бекет қайда? Дүкен ертең сағат тоғызда ашылады, ал менің ағам екі кітап сатып алғысы келеді.",
    "Greek": "Πού είναι ο κοντινότερος σταθμός; Το μαγαζί ανοίγει αύριο στις εννέα και ο αδελφός μου θέλει δύο βιβλία.",
    "Armenian": "Որտե՞ղ է մոտակա կայարանը։ Խանութը բացվում է վաղը ժամը իննին, և եղբայրս ուզում է երկու գիրք գնել։",
    "Georgian": "სად არის უახლოესი სადგური? მაღაზია ხვალ ცხრა საათზე იხსნება და ჩემს ძმას ორი წიგნის ყიდვა უნდა.",
    "Hebrew": "איפה התחנה הקרובה ביותר? החנות נפתחת מחר בתשע, ואחי רוצה לקנות שני ספרים.",
    "Arabic": "أين أقرب محطة؟ يفتح المتجر غدا في الساعة التاسعة، ويريد أخي أن يشتري كتابين.",
    "Persian": "نزدیک‌ترین ایستگاه کجاست؟ مغازه فردا ساعت نه باز می‌شود و برادرم می‌خواهد دو کتاب بخرد.",
    "Urdu": "قریب ترین اسٹیشن کہاں ہے؟ دکان کل صبح نو بجے کھلتی ہے اور میرا بھائی دو کتابیں خریدنا چاہتا ہے۔",
    "Hindi": "सबसे नज़दीकी स्टेशन कहाँ है? दुकान कल सुबह नौ बजे खुलती है और मेरा भाई दो किताबें ख़रीदना चाहता है।",
    "Marathi": "सर्वात जवळचे स्थानक कुठे आहे? दुकान उद्या सकाळी नऊ वाजता उघडते आणि माझ्या भावाला दोन पुस्तके हवी आहेत.",
    "Bengali": "সবচেয়ে কাছের স্টেশন কোথায়? দোকানটি কাল সকাল নয়টায় খোলে এবং আমার ভাই দুটি বই কিনতে চায়।",
    "Punjabi": "ਸਭ ਤੋਂ ਨੇੜਲਾ ਸਟੇਸ਼ਨ ਕਿੱਥੇ ਹੈ? ਦੁਕਾਨ ਕੱਲ੍ਹ ਸਵੇਰੇ ਨੌਂ ਵਜੇ ਖੁੱਲ੍ਹਦੀ ਹੈ ਅਤੇ ਮੇਰਾ ਭਰਾ ਦੋ ਕਿਤਾਬਾਂ ਲੈਣਾ ਚਾਹੁੰਦਾ ਹੈ।",
    "Gujarati": "સૌથી નજીકનું સ્ટેશન ક્યાં છે? દુકાન કાલે સવારે નવ વાગ્યે ખૂલે છે અને મારા ભાઈને બે પુસ્તકો ખરીદવાં છે.",
    "Odia": "ନିକଟତମ ଷ୍ଟେସନ କେଉଁଠାରେ ଅଛି? ଦୋକାନ କାଲି ସକାଳ ନଅଟାରେ ଖୋଲିବ ଏବଂ ମୋ ଭାଇ ଦୁଇଟି ବହି କିଣିବାକୁ ଚାହାଁନ୍ତି।",
    "Tamil": "அருகிலுள்ள நிலையம் எங்கே உள்ளது? கடை நாளை காலை ஒன்பது மணிக்குத் திறக்கும், என் அண்ணன் இரண்டு புத்தகங்கள் வாங்க விரும்புகிறார்.",
    "Telugu": "దగ్గరలోని స్టేషన్ ఎక్కడ ఉంది? దుకాణం రేపు ఉదయం తొమ్మిది గంటలకు తెరుస్తారు, నా సోదరుడు రెండు పుస్తకాలు కొనాలనుకుంటున్నాడు.",
    "Kannada": "ಹತ್ತಿರದ ನಿಲ್ದಾಣ ಎಲ್ಲಿದೆ? ಅಂಗಡಿ ನಾಳೆ ಬೆಳಿಗ್ಗೆ ಒಂಬತ್ತು ಗಂಟೆಗೆ ತೆರೆಯುತ್ತದೆ, ನನ್ನ ಅಣ್ಣ ಎರಡು ಪುಸ್ತಕಗಳನ್ನು ಕೊಳ್ಳಬೇಕು.",
    "Malayalam": "ഏറ്റവും അടുത്തുള്ള സ്റ്റേഷൻ എവിടെയാണ്? കട നാളെ രാവിലെ ഒമ്പതു മണിക്ക് തുറക്കും, എന്റെ സഹോദരന് രണ്ടു പുസ്തകങ്ങൾ വാങ്ങണം.",
    "Sinhala": "ළඟම දුම්රිය ස්ථානය කොහෙද? කඩය හෙට උදේ නවයට විවෘත වෙනවා, මගේ සහෝදරයාට පොත් දෙකක් ගන්න ඕනෑ.",
    "Thai": "สถานีที่ใกล้ที่สุดอยู่ที่ไหน ร้านเปิดพรุ่งนี้เวลาเก้าโมงเช้า และพี่ชายของฉันอยากซื้อหนังสือสองเล่ม",
    "Lao": "ສະຖານີທີ່ໃກ້ທີ່ສຸດຢູ່ໃສ? ຮ້ານຈະເປີດໃນມື້ອື່ນເວລາເກົ້າໂມງເຊົ້າ ແລະອ້າຍຂອງຂ້ອຍຢາກຊື້ປຶ້ມສອງຫົວ.",
    "Burmese": "အနီးဆုံး ဘူတာ ဘယ်မှာလဲ။ ဆိုင်က မနက်ဖြန် မနက် ကိုးနာရီမှာ ဖွင့်မယ်၊ ကျွန်တော့်အစ်ကိုက စာအုပ်နှစ်အုပ် ဝယ်ချင်တယ်။",
    "Khmer": "តើស្ថានីយដែលនៅជិតបំផុតនៅឯណា? ហាងបើកនៅថ្ងៃស្អែកម៉ោងប្រាំបួនព្រឹក ហើយបងប្រុសខ្ញុំចង់ទិញសៀវភៅពីរក្បាល។",
    "Tibetan": "ཉེ་ཤོས་ཀྱི་འབབ་ཚུགས་ག་པར་ཡོད་དམ། ཚོང་ཁང་སང་ཉིན་ཞོགས་པ་ཆུ་ཚོད་དགུ་པར་སྒོ་འབྱེད་ཀྱི་ཡོད།",
    "Amharic": "በአቅራቢያው ያለው ጣቢያ የት ነው? ሱቁ ነገ በሦስት ሰዓት ይከፈታል፤ ወንድሜም ሁለት መጻሕፍት መግዛት ይፈልጋል።",
    "Tigrinya": "ዝቐረበ መደበር ኣበይ ኣሎ? እቲ ድኳን ጽባሕ ሰዓት ትሽዓተ ይኽፈት፣ ሓወይ ድማ ክልተ መጻሕፍቲ ክዕድግ ይደሊ።",
    "Chinese": "最近的车站在哪里？商店明天上午九点开门，我哥哥想买两本书，然后我们一起去吃饭。",
    "Chinese, traditional": "最近的車站在哪裡？商店明天上午九點開門，我哥哥想買兩本書，然後我們一起去吃飯。",
    "Japanese": "一番近い駅はどこですか。店は明日の朝九時に開きます。兄は本を二冊買いたいと言っています。",
    "Korean": "가장 가까운 역이 어디에 있습니까? 가게는 내일 아침 아홉 시에 열고, 제 형은 책 두 권을 사고 싶어 합니다.",
    "Mongolian": "Хамгийн ойрын буудал хаана байна вэ? Дэлгүүр маргааш есөн цагт нээгдэх ба ах маань хоёр ном авна.",
}


def figures(seed: int) -> dict[str, str]:
    """Write texts that are no language: tables, codes, logs, emoji."""
    chance = random.Random(seed)
    letters, faces = "abcdefghijklmnopqrstuvwxyz", [chr(each) for each in range(0x1F600, 0x1F640)]

    def table(cells: str, between: str, columns: int = 12, rows: int = 30) -> str:
        return "\n".join(between.join(chance.choices(cells, k=columns)) for _ in range(rows))

    return {
        "table of letters": table(letters, " "),
        "comma-separated letters": table(letters.upper(), ","),
        "tab-separated letters": table(letters, "\t"),
        "table with bars": table("XO-", " | "),
        "matrix of bits": table("01", " "),
        "board": table("rnbqkpRNBQKP.", " "),
        "whole numbers": "\n".join(str(chance.randint(0, 10 ** chance.randint(1, 9))) for _ in range(150)),
        "fractions": "\n".join(f"{chance.random() * 100:.3f}, {chance.random():.2f}" for _ in range(60)),
        "base64": base64.b64encode(chance.randbytes(900)).decode(),
        "base64 in lines": "\n".join(base64.b64encode(chance.randbytes(57)).decode() for _ in range(20)),
        "hexadecimal": "\n".join(chance.randbytes(20).hex() for _ in range(30)),
        "emoji": "".join(chance.choices(faces, k=200)),
        "emoji in text": " ".join(f"well done {chance.choice(faces)} see you soon" for _ in range(40)),
        "log": "\n".join(
            f"2025-03-{chance.randint(10, 28)} 11:{chance.randint(10, 59)}:07 INFO [worker-{chance.randint(1, 9)}] "
            f"request took {chance.randint(1, 999)} ms"
            for _ in range(40)
        ),
        "JSON": json.dumps([{"id": chance.randint(1, 9999), "open": True, "tags": ["new", "sale"]} for _ in range(30)]),
        "box drawing": "\n".join("├" + "─────┼" * 6 + "\n│ a │ b │ 12 │" for _ in range(12)),
    }


FIGURES = figures(3)

LIBRARIES = {"Phi-3-small-8k-instruct": "tiktoken"}
"""What reads a model's tokenizer, if it is not `tokenizers`; `make test-all` installs both."""


@cache
def exact(model: str) -> RowCounter:
    pytest.importorskip(LIBRARIES.get(model, "tokenizers"))
    return counter_for(find_model(model), tokenizer=SHARED / "tokenizers" / FOLDERS[model])


@cache
def estimated(model: str) -> RowCounter:
    facts = find_model(model)
    return TemplateCounter(EstimateMeasure(facts, "for a test"), facts.template)


def within(model: str, text: str) -> str:
    """Return why the bound of an estimate does not contain the tokens of a text, or nothing."""
    row: Any = {"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": text}]}
    true, guess = exact(model).count(row).total, estimated(model).count(row)
    apart = abs(guess.total - true)
    return "" if apart <= guess.error + 1e-6 else f"{true} tokens, estimated as {guess.total} ± {guess.error}"


@pytest.mark.parametrize("model", MODELS)
def test_a_text_in_any_language_is_within_its_bound(model: str) -> None:
    assert {name: wrong for name, text in LANGUAGES.items() if (wrong := within(model, text))} == {}


@pytest.mark.parametrize("model", MODELS)
def test_tables_codes_logs_and_emoji_are_within_their_bounds(model: str) -> None:
    assert {name: wrong for name, text in FIGURES.items() if (wrong := within(model, text))} == {}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("first", [0x1400, 0x1820, 0x1B05, 0x1C50, 0xA000, 0xA500, 0xAA80, 0x10330, 0x12000, 0x1E900])
def test_a_script_without_a_measurement_counts_by_its_bytes(first: int, model: str) -> None:
    chance = random.Random(first)
    text = " ".join("".join(chr(first + chance.randrange(0x20)) for _ in range(5)) for _ in range(40))
    assert within(model, text) == ""
