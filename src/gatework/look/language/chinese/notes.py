"""What the notes of forecasts say."""

TEXTS = {
    "the series is constant: every value is {value}": "序列恒定：每个值都是 {value}",
    "no column of dates was found: the rows are numbered from 1": "没有找到日期列：各行从 1 编号",
    "the comma begins the decimals of column {column}": "列 {column} 以逗号作小数点",
    "the times of column {column} have several time zones and are shown in UTC": (
        "列 {column} 的时间有多个时区，以 UTC 显示"
    ),
    "the decimal years of column {column} are read as months": "列 {column} 的小数年份按月读取",
    "the dates of column {column} are read as {form}: only so they follow on": (
        "列 {column} 的日期按 {form} 读取：只有这样才前后相接"
    ),
    "1 missing value was filled {how}, the first in period {period}": (
        "1 个缺失值已{how}填补，位于 {period}"
    ),
    "{count} missing values were filled {how}, the first in period {period}": (
        "{count} 个缺失值已{how}填补，第一个位于 {period}"
    ),
    "by interpolation": "用插值",
    "with 0": "用 0 ",
    "with the value before": "用前一个值",
    "with the mean of the known values": "用已知值的均值",
    "the first event is on {day}: the first {unit}, {period}, may be counted in part": (
        "第一个事件在 {day}：第一{unit}（{period}）可能只计入一部分"
    ),
    "the last event is on {day}: the last {unit}, {period}, may not be over and is left out": (
        "最后一个事件在 {day}：最后一{unit}（{period}）可能尚未结束，已略去"
    ),
    "{model} is left out: {why}": "略去{model}：{why}",
    "the series has no season": "序列没有季节",
    "auto: the LSTM at every step ahead, best on the validation part": (
        "auto：每一步都用 LSTM，它在验证部分最好"
    ),
    "auto: {model} at every step ahead, which did best on the validation part": (
        "auto：每一步都用{model}，它在验证部分最好"
    ),
    "auto: the LSTM and {model}, as they did on the validation part; share of the LSTM by steps "
    "ahead: {shares}": "auto：LSTM 和{model}，按它们在验证部分的表现；各步 LSTM 的份额：{shares}",
    "on the validation part {model} did better than the LSTM at every step ahead; "
    'model="auto" (--model auto) uses what did best': (
        '在验证部分，{model}在每一步都比 LSTM 好；model="auto"（--model auto）会选用最好的'
    ),
    "on the validation part {model} did better than the LSTM at {steps} steps ahead; "
    'model="auto" (--model auto) uses what did best': (
        '在验证部分，{model}在提前 {steps} 步时比 LSTM 好；model="auto"（--model auto）会选用最好的'
    ),
    "the {share} interval spans the errors that averaged networks made at each number of steps "
    "ahead on the {count} periods of the validation and test parts": (
        "{share} 区间涵盖平均后的网络在验证和测试部分的 {count} 期上各提前步数的误差"
    ),
    "Failure data of Los Alamos National Laboratory, {source}. We thank Los Alamos National "
    "Laboratory for making the data public.": (
        "洛斯阿拉莫斯国家实验室的故障数据，{source}。感谢该实验室公开这些数据。"
    ),
}
