"""What the pictures of writing say: the surprise of a text."""

TEXTS = {
    "Surprise": "意外度",
    "Surprise of each word": "每个词的意外度",
    "Surprise of each character": "每个字符的意外度",
    "bits": "比特",
    "mean of the line": "本行平均",
    "“{text}”: {bits} bits": "“{text}”：{bits} 比特",
    "rank {rank}; otherwise likeliest: “{other}”": "排名第 {rank}；其余中最可能的：“{other}”",
    "the end": "结尾",
    "{bits} bits a character, perplexity {perplexity}, {count} tokens": (
        "每字符 {bits} 比特，困惑度 {perplexity}，共 {count} 个词元"
    ),
    "word": "词",
    "character": "字符",
    "bits, mean of {n} words; dashed: of all": "比特，每 {n} 个词的平均；虚线：全文平均",
    "bits, mean of {n} characters; dashed: of all": "比特，每 {n} 个字符的平均；虚线：全文平均",
    "Underlined: not in the vocabulary, {n} of {count}.": (
        "带下划线的不在词表中：{count} 个中有 {n} 个。"
    ),
    "{n} were held to be impossible; no mean counts them.": (
        "其中 {n} 个被模型视为不可能，不计入平均。"
    ),
    "Drawn are {first} to {last} of {count}.": "图中为全部 {count} 个中的第 {first} 到 {last} 个。",
}
