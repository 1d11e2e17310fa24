"""Famous poems, and a small model that knows their characters; shared by the tests of poems."""

import numpy as np

from gatework.write.vocabulary import Vocabulary

QUATRAINS = {
    "登鹳雀楼": "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。",
    "相思": "红豆生南国，春来发几枝。愿君多采撷，此物最相思。",
}
SEVEN = {
    "早发白帝城": "朝辞白帝彩云间，千里江陵一日还。两岸猿声啼不住，轻舟已过万重山。",
    "枫桥夜泊": "月落乌啼霜满天，江枫渔火对愁眠。姑苏城外寒山寺，夜半钟声到客船。",
    "乌衣巷": "朱雀桥边野草花，乌衣巷口夕阳斜。旧时王谢堂前燕，飞入寻常百姓家。",
    "凉州词": "葡萄美酒夜光杯，欲饮琵琶马上催。醉卧沙场君莫笑，古来征战几人回。",
    "赤壁": "折戟沉沙铁未销，自将磨洗认前朝。东风不与周郎便，铜雀春深锁二乔。",
}
REGULATED = {
    "春望": "国破山河在，城春草木深。感时花溅泪，恨别鸟惊心。"
    "烽火连三月，家书抵万金。白头搔更短，浑欲不胜簪。",
    "山居秋暝": "空山新雨后，天气晚来秋。明月松间照，清泉石上流。"
    "竹喧归浣女，莲动下渔舟。随意春芳歇，王孙自可留。",
}
LONG_REGULATED = {
    "闻官军收河南河北": "剑外忽传收蓟北，初闻涕泪满衣裳。却看妻子愁何在，漫卷诗书喜欲狂。"
    "白日放歌须纵酒，青春作伴好还乡。即从巴峡穿巫峡，便下襄阳向洛阳。",
}
TUNES = {
    "忆江南": "江南好，风景旧曾谙。日出江花红胜火，春来江水绿如蓝。能不忆江南。",
    "渔歌子": "西塞山前白鹭飞，桃花流水鳜鱼肥。青箬笠，绿蓑衣。斜风细雨不须归。",
    "如梦令": "昨夜雨疏风骤，浓睡不消残酒。试问卷帘人，却道海棠依旧。知否，知否。应是绿肥红瘦。",
    "菩萨蛮": "平林漠漠烟如织，寒山一带伤心碧。暝色入高楼，有人楼上愁。"
    "玉阶空伫立，宿鸟归飞急。何处是归程，长亭更短亭。",
    "卜算子": "缺月挂疏桐，漏断人初静。谁见幽人独往来，缥缈孤鸿影。"
    "惊起却回头，有恨无人省。拣尽寒枝不肯栖，寂寞沙洲冷。",
    "采桑子": "群芳过后西湖好，狼籍残红。飞絮濛濛，垂柳阑干尽日风。"
    "笙歌散尽游人去，始觉春空。垂下帘栊，双燕归来细雨中。",
    "清平乐": "红笺小字，说尽平生意。鸿雁在云鱼在水，惆怅此情难寄。"
    "斜阳独倚西楼，遥山恰对帘钩。人面不知何处，绿波依旧东流。",
    "蝶恋花": "花褪残红青杏小，燕子飞时，绿水人家绕。枝上柳绵吹又少，天涯何处无芳草。"
    "墙里秋千墙外道，墙外行人，墙里佳人笑。笑渐不闻声渐悄，多情却被无情恼。",
    "鹧鸪天": "彩袖殷勤捧玉钟，当年拚却醉颜红。舞低杨柳楼心月，歌尽桃花扇底风。"
    "从别后，忆相逢，几回魂梦与君同。今宵剩把银釭照，犹恐相逢是梦中。",
}
WASHING_SILK = (
    "一曲新词酒一杯，去年天气旧亭台。夕阳西下几时回。"
    "无可奈何花落去，似曾相识燕归来。小园香径独徘徊。"
)
ALL = [
    *QUATRAINS.values(),
    *SEVEN.values(),
    *REGULATED.values(),
    *LONG_REGULATED.values(),
    *TUNES.values(),
    WASHING_SILK,
]


class PoemModel:
    """A model whose log-probabilities follow from the last token and a seed, and from nothing else.

    It keeps what it was given to read, and whether it ever read what is in no poem.
    """

    def __init__(self, texts: list[str], level: str = "char", seed: int = 0) -> None:
        self.vocabulary = Vocabulary.of(texts, level)
        self.rows = 0
        size = len(self.vocabulary)
        scores = np.random.default_rng(seed).normal(0, 2, (size, size))
        self._logs = (scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))).astype(np.float32)
        self.read: list[np.ndarray] = []

    def start(self, rows: int) -> None:
        self.rows = rows
        self.read = []

    def step(self, tokens: np.ndarray) -> np.ndarray:
        assert tokens.shape == (self.rows,)
        self.read.append(tokens.copy())
        return self._logs[tokens]

    def keep(self, rows: np.ndarray) -> None:
        self.rows = len(rows)


class Reciter:
    """A token model that knows one text by heart, over the characters of several."""

    def __init__(self, text: str, texts: list[str], sure: float = 12.0) -> None:
        self.vocabulary = Vocabulary.of(texts)
        self._text = self.vocabulary.encode(text)
        self._sure = sure
        self.rows = 0

    def start(self, rows: int) -> None:
        self.rows, self._place = rows, -1

    def step(self, tokens: np.ndarray) -> np.ndarray:
        self._place += 1
        logs = np.zeros((self.rows, len(self.vocabulary)), np.float32)
        logs[:, self._text[min(self._place, len(self._text) - 1)]] = self._sure
        return logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))

    def keep(self, rows: np.ndarray) -> None:
        self.rows = len(rows)
