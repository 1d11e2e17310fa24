"""The rhyme tables: their size, well-known characters, famous rhymes."""

import numpy as np
import pytest

from gatework.errors import OptionError
from gatework.write.poems.rhymes import TABLES, rhyme_table, table_of
from gatework.write.vocabulary import Vocabulary

# Readings as every handbook of regulated verse gives them.
KNOWN = {
    "东": "一东", "风": "一东", "空": "一东", "红": "一东", "冬": "二冬", "松": "二冬",
    "钟": "二冬", "江": "三江", "窗": "三江", "时": "四支", "知": "四支", "诗": "四支",
    "飞": "五微", "归": "五微", "鱼": "六鱼", "书": "六鱼", "湖": "七虞", "无": "七虞",
    "西": "八齐", "溪": "八齐", "鸡": "八齐", "佳": "九佳", "怀": "九佳", "来": "十灰",
    "开": "十灰", "人": "十一真", "春": "十一真", "云": "十二文", "君": "十二文",
    "门": "十三元", "村": "十三元", "寒": "十四寒", "安": "十四寒", "山": "十五删",
    "关": "十五删", "天": "一先", "年": "一先", "萧": "二萧", "桥": "二萧", "郊": "三肴",
    "高": "四豪", "歌": "五歌", "河": "五歌", "花": "六麻", "家": "六麻", "霞": "六麻",
    "阳": "七阳", "香": "七阳", "乡": "七阳", "明": "八庚", "情": "八庚", "城": "八庚",
    "青": "九青", "星": "九青", "灯": "十蒸", "楼": "十一尤", "秋": "十一尤", "流": "十一尤",
    "心": "十二侵", "深": "十二侵", "南": "十三覃", "帘": "十四盐", "帆": "十五咸",
    "晓": "十七筱", "鸟": "十七筱", "水": "四纸", "柳": "二十五有", "酒": "二十五有",
    "梦": "一送", "泪": "四寘", "路": "七遇", "夜": "二十二祃", "木": "一屋", "竹": "一屋",
    "月": "六月", "雪": "九屑", "绝": "九屑", "白": "十一陌", "客": "十一陌", "石": "十一陌",
    "国": "十三职", "色": "十三职", "立": "十四缉", "叶": "十六叶",
}  # fmt: skip
# The rhyme words of famous poems, and their rhyme.
RHYMED = {
    "春晓": ("晓鸟少", "十七筱"),
    "静夜思": ("光霜乡", "七阳"),
    "登鹳雀楼": ("流楼", "十一尤"),
    "相思": ("枝思", "四支"),
    "江雪": ("绝灭雪", "九屑"),
    "鹿柴": ("响上", "二十二养"),
    "送元二使安西": ("尘新人", "十一真"),
    "早发白帝城": ("间还山", "十五删"),
    "枫桥夜泊": ("天眠船", "一先"),
    "山行": ("斜家花", "六麻"),
    "凉州词": ("杯催回", "十灰"),
    "乌衣巷": ("花斜家", "六麻"),
    "寻隐者不遇": ("去处", "六御"),
    "登乐游原": ("原昏", "十三元"),
    "赤壁": ("销朝乔", "二萧"),
}


def test_there_are_thirty_level_and_seventy_six_oblique_rhymes():
    table = rhyme_table("pingshui")
    assert len(table.rhymes) == len(set(table.rhymes)) == 106
    assert table.level.sum() == 30
    tones = ["一东", "十五咸", "一董", "二十九豏", "一送", "三十陷", "一屋", "十七洽"]
    places = [table.rhymes.index(name) for name in tones]
    assert np.array(places).tolist() == [0, 29, 30, 58, 59, 88, 89, 105]


@pytest.mark.parametrize(("character", "rhyme"), KNOWN.items())
def test_well_known_characters(character, rhyme):
    assert rhyme in rhyme_table("pingshui").rhymes_of(character)


@pytest.mark.parametrize("title", RHYMED)
def test_famous_poems_rhyme(title):
    words, rhyme = RHYMED[title]
    table = rhyme_table("pingshui")
    shared = set.intersection(*(set(table.rhymes_of(word)) for word in words))
    assert rhyme in shared


def test_neighbouring_rhymes_are_kept_apart():
    table = rhyme_table("pingshui")
    for one, other in ("东冬", "支微", "鱼虞", "真文", "寒删", "庚青", "覃盐"):
        assert not set(table.rhymes_of(one)) & set(table.rhymes_of(other))


def test_simplified_and_traditional_forms_agree():
    table = rhyme_table("pingshui")
    for simple, traditional in ("东東", "楼樓", "风風", "国國", "听聽", "飞飛"):
        assert table.readings[simple] == table.readings[traditional]
    both = set(table.rhymes_of("發")) | set(table.rhymes_of("髮"))
    assert set(table.rhymes_of("发")) == both
    assert set(table.rhymes_of("后")) >= set(table.rhymes_of("後"))


def test_tones_come_from_the_readings():
    table = rhyme_table("pingshui")
    assert [table.tones(sign) for sign in "平仄看过，"] == ["平", "仄", "平仄", "平仄", ""]
    assert [table.tones(sign) for sign in "白竹一国急"] == ["仄"] * 5  # entering, level today


def test_tones_that_are_hardly_used_are_not_usual():
    table = rhyme_table("pingshui")
    assert [table.tones(sign) for sign in "中不望看"] == ["平仄"] * 4
    assert [table.usual_tones(sign) for sign in "中不望看山"] == ["平", "仄", "仄", "平仄", "平"]


def test_ci_rhyme_in_nineteen_parts():
    table = rhyme_table("cilin")
    assert len(table.rhymes) == 14 + 14 + 5
    assert table.level.sum() == 14
    assert table.rhymes_of("东") == table.rhymes_of("冬") == ("第一部平",)
    assert table.rhymes_of("酒") == table.rhymes_of("瘦") == ("第十二部仄",)
    assert table.rhymes_of("碧") == table.rhymes_of("急") == ("第十七部入",)
    # The rhymes that are split: 灰 and 来, 元 and 门, 会 and 外, 佳 and 街.
    for one, other in (("灰", "来"), ("元", "门"), ("会", "带"), ("佳", "街")):
        assert not set(table.rhymes_of(one)) & set(table.rhymes_of(other))
    assert table.rhymes_of("佳") == table.rhymes_of("花")


def test_the_modern_table_follows_the_tongue_of_today():
    table = rhyme_table("modern")
    assert len(table.rhymes) == 32
    assert table.level.sum() == 16
    assert table.rhymes_of("东") == table.rhymes_of("冬") == ("雍平",)
    assert table.rhymes_of("白") == ("哀平",)
    assert set(table.rhymes_of("行")) == {"昂平", "英平"}
    finals = {"鱼": "迂平", "月": "鹅仄", "水": "欸仄", "云": "恩平", "诗": "衣平", "雪": "鹅仄"}
    finals |= {"无": "乌平", "久": "欧仄", "圆": "安平", "窗": "昂平", "翁": "英平", "二": "儿仄"}
    assert all(final in table.rhymes_of(sign) for sign, final in finals.items())
    assert table.rhymes_of("窗") == ("昂平",)


def test_every_table_says_the_same_as_a_matrix():
    vocabulary = Vocabulary.of(["春风又绿江南岸，明月何时照我还x"])
    for name in TABLES:
        table = rhyme_table(name)
        matrix = table.matrix(vocabulary)
        assert matrix.shape == (len(vocabulary), len(table.rhymes))
        for token, number in vocabulary.index.items():
            names = [table.rhymes[place] for place in np.flatnonzero(matrix[number])]
            assert tuple(names) == table.rhymes_of(token)
        assert not matrix[[0, 1]].any()


def test_a_rhyme_is_found_by_its_name():
    assert table_of("七阳")[0].name == "pingshui"
    assert table_of("阳") == table_of("七阳")
    assert table_of("第二部平")[0].name == "cilin"
    table, number = table_of("昂平")
    assert (table.name, table.rhymes[number]) == ("modern", "昂平")


def test_unknown_names_are_refused():
    with pytest.raises(OptionError, match=r"'pinshui' is none of pingshui, .* mean 'pingshui'"):
        rhyme_table("pinshui")
    with pytest.raises(OptionError, match="no table has a rhyme '三阳'"):
        table_of("三阳")
