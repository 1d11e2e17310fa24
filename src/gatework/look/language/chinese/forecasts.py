"""What the reports of forecasts say."""

TEXTS = {
    "the series": "该序列",
    "last value": "末值",
    "trailing mean": "滑动均值",
    "seasonal naive": "季节朴素法",
    "business day": "个工作日",
    "day": "天",
    "hour": "小时",
    "minute": "分钟",
    "second": "秒",
    "week": "周",
    "month": "个月",
    "quarter": "个季度",
    "year": "年",
    "business days": "个工作日",
    "days": "天",
    "hours": "小时",
    "minutes": "分钟",
    "seconds": "秒",
    "weeks": "周",
    "months": "个月",
    "quarters": "个季度",
    "years": "年",
    "period": "期",
    "periods": "期",
    "in the week of {label}": "在 {label} 那一周",
    "on {label}": "在 {label}",
    "at {label}": "在 {label}",
    "in {label}": "在 {label}",
    "in period {label}": "在第 {label} 期",
    "Gatework forecast": "Gatework 预测",
    "{name}: the next {span}": "{name}：未来 {span}",
    "{name}: forecast": "{name}：预测",
    "{share} interval {low} to {high}": "{share} 区间 {low} 到 {high}",
    "the {span} together": "{span}合计",
    "expected in all": "预期总数",
    "the {span}": "{span}",
    "on average": "平均",
    "horizon won by the {model}, by RMSE": "个提前步数由 {model} 胜出（按 RMSE）",
    "horizons won by the {model}, by RMSE": "个提前步数由 {model} 胜出（按 RMSE）",
    "{part} of {whole}": "{whole} 个中 {part} 个",
    "against the baselines": "与基准模型相比",
    "No period was forecast.": "没有预测任何一期。",
    "About {value} is expected {when}.": "预计{when}约为 {value}。",
    "About {value} is expected {when}, and as much in each {period} until {end}.": (
        "预计{when}约为 {value}，此后直到 {end} 每{period}都相同。"
    ),
    "About {value} is expected {when}, and between {low} and {high} a {period} until {end}.": (
        "预计{when}约为 {value}，直到 {end} 每{period}在 {low} 到 {high} 之间。"
    ),
    "The last {span} and the forecast. In about {share} of cases the value is expected within the "
    "band.": "最近 {span}和预测。约 {share} 的情况下，实际值预计落在色带内。",
    "lower": "下限",
    "upper": "上限",
    "The forecast with its {share} interval": "预测及其 {share} 区间",
    "The table ends here; the forecast goes on for {count} more.": (
        "表格到此为止；预测还有 {count} 期。"
    ),
    "The forecast": "预测",
    "Parameters are chosen by learning from the training part and forecasting the validation part; "
    "the test part is kept for the scores below.": (
        "参数的选择方法是：从训练部分学习，预测验证部分；测试部分留给下面的评分。"
    ),
    "The whole series": "整个序列",
    "{count} trainable parameters.": "{count} 个可训练的参数。",
    "The forecast is the mean of {count} such networks.": "预测是 {count} 个这样的网络的平均。",
    "Training": "训练",
    "{part} {first} to {last} ({count})": "{part} {first} 到 {last}（{count}）",
    "The data: 1 value, one a {period}": "数据：1 个值，每{period}一个",
    "The data: {count} values, one a {period}": "数据：{count} 个值，每{period}一个",
    ", with a season of {season}": "，季节长度 {season}",
    "Scores come from 1 origin: at each period of the test part a forecast is made from what came "
    "before it, by every model alike.": (
        "评分来自 1 个起点：在测试部分的每一期，各模型都只用此前的数据作预测。"
    ),
    "Scores come from {count} origins: at each period of the test part a forecast is made from "
    "what came before it, by every model alike.": (
        "评分来自 {count} 个起点：在测试部分的每一期，各模型都只用此前的数据作预测。"
    ),
    "Seed {seed}; {seconds} seconds.": "种子 {seed}；{seconds} 秒。",
    "How it was done": "方法说明",
    "Values are standardised with the mean and deviation of the training part. The network sees a "
    "window of them and is taught at every step of it, by mean squared error and Adam. It "
    "forecasts step by step: each prediction is appended to the window for the next.": (
        "数值用训练部分的均值和标准差标准化。网络读取一个窗口，在窗口的每一步都受教，"
        "用均方误差和 Adam。预测逐步进行：每个预测值接到窗口末尾，再预测下一个。"
    ),
    "A bank of exponential smoothers forecasts after every value. The network reads how far off "
    "each of them has been, and forecasts all steps ahead at once as a weighted mean of their "
    "forecasts; it is taught at every value of the training part.": (
        "一组指数平滑器在每个值之后作出预测。网络读取每个平滑器此前的误差，"
        "把它们的预测加权平均，一次预测所有步；它在训练部分的每个值处受教。"
    ),
    "From the window of past values, at the top, to the forecast of the next, below.": (
        "从上方的过去值窗口，到下方对下一个值的预测。"
    ),
    "From the errors of the smoothers, at the top, to their weights, below.": (
        "从上方各平滑器的误差，到下方它们的权重。"
    ),
    "The method follows {paper}.": "方法依据 {paper}。",
    "Smoothing inside a network goes back to {paper}; a bank of smoothers that an LSTM weighs is "
    "Gatework's own.": (
        "在网络内部作平滑源自 {paper}；由 LSTM 为一组平滑器加权是 Gatework 自己的做法。"
    ),
    "Did the {model} win?": "{model} 胜出了吗？",
    "No model could be scored: the test part is too short.": "没有模型可以评分：测试部分太短。",
    "Rolling origin: {count} forecasts from the end of the series that was kept for the test, each "
    "made from what came before it.": (
        "滚动起点：对留作测试的序列末段作 {count} 次预测，每次只用此前的数据。"
    ),
    "Errors are RMSE. A margin says how much greater the loser's error is.": (
        "误差为 RMSE。差距指落败者的误差大多少。"
    ),
    "{measure} by steps ahead; ★ marks the least of each column": (
        "按提前步数的 {measure}；★ 标出每列最小值"
    ),
    "model": "模型",
    "{ahead}: {model} and {rival} err alike, by {error}.": (
        "{ahead}：{model} 与 {rival} 误差相同，为 {error}。"
    ),
    "{ahead}: {ours}, {theirs}: won {margin}.": "{ahead}：{ours}，{theirs}：胜出，{margin}。",
    "{ahead}: {theirs}, {ours}: lost {margin}.": "{ahead}：{theirs}，{ours}：落败，{margin}。",
    "without any error": "没有误差",
    "to a model without any error": "对方没有误差",
    "without any error of its own": "对方没有误差",
    "by {amount}": "相差 {amount}",
    "by {low} to {high}": "相差 {low} 到 {high}",
    "under 0.1 %": "不到 0.1 %",
    "a factor of {times}": "{times} 倍",
    "The {model} could not be compared with other models: nothing was scored.": (
        "{model} 无法与其他模型比较：没有可评分的预测。"
    ),
    "The {model} and the best other model err alike at {ahead}.": (
        "{ahead}时，{model} 与最好的其他模型误差相同。"
    ),
    "The {model} won: it has the least RMSE at {ahead}.": "{model} 胜出：{ahead}时 RMSE 最小。",
    "The {model} has the least RMSE at {ahead}.": "{ahead}时，{model} 的 RMSE 最小。",
    "It lost at {ahead}: {rivals}.": "{ahead}时落败：{rivals}。",
    "The {model} lost at {ahead}: {rivals}.": "{ahead}时，{model} 落败：{rivals}。",
    "On this series {names} served better.": "在这个序列上，{names}更好。",
    "They err alike at {ahead}.": "{ahead}时误差相同。",
    "to {name} {excess}": "输给{name}（{excess}）",
    "{first} and {last}": "{first}和{last}",
    "Only 1 forecast could be scored: the differences may be chance.": (
        "只有 1 次预测可以评分：差别可能出于偶然。"
    ),
    "Only {count} forecasts could be scored: the differences may be chance.": (
        "只有 {count} 次预测可以评分：差别可能出于偶然。"
    ),
    "What the {model} forecast for the test part, so many steps before each period and without "
    "knowing what came, beside what did.": (
        "{model} 在每一期之前若干步、不知道后来情况时对测试部分所作的预测，与实际值对照。"
    ),
    "Forecasts of the past": "对过去的预测",
    "horizon": "提前步数",
    "{name}, {step} ahead": "{name}，提前 {step} 步",
    "RMSE at this horizon: {errors}.": "此提前步数的 RMSE：{errors}。",
    "What stands out in the network as it reads the series:": "网络读取该序列时值得注意之处：",
    "Inside the network": "网络内部",
    "The cell, at the last period": "最后一期的记忆单元",
    "{count} series: the next {horizon} {periods}": "{count} 个序列：未来 {horizon} {periods}",
    "{count} periods in all": "共 {count} 期",
    "series": "序列",
    "horizons won, by RMSE": "个提前步数胜出（按 RMSE）",
    "against the others": "与其他模型相比",
    "interval": "区间",
    "of values are expected within": "的值预计落在其中",
    "{count} more series are in forecast.csv.": "另有 {count} 个序列在 forecast.csv 中。",
    "The forecasts": "预测",
    "How good it is": "效果如何",
    "Errors on the last fifth of every series, by networks that were trained without it.": (
        "每个序列最后五分之一上的误差，所用网络训练时未见过它。"
    ),
    "Over all series and origins, by steps ahead.": "对所有序列和起点，按提前步数。",
    "One network for all series, over a season of {season}.": (
        "所有序列共用一个网络，季节长度 {season}。"
    ),
    "One network for all series.": "所有序列共用一个网络。",
    "A bank of exponential smoothers forecasts each series after every value; the network reads "
    "how far off each of them has been, and weighs their forecasts.": (
        "一组指数平滑器在每个值之后预测各序列；网络读取它们此前的误差，为它们的预测加权。"
    ),
    "Intervals of {share} come from held-out errors.": "{share} 区间来自留出数据上的误差。",
    "The search": "搜索",
    "The search in {name}": "{name} 中的搜索",
    "No search was made.": "没有进行搜索。",
    "No trial has ended yet.": "还没有试验结束。",
    "Every trial in the order it was tried. Rest the pointer on a mark to see what it was; a dash "
    "is the error at which a trial was stopped.": (
        "按先后顺序的每次试验。指针停在标记上可看详情；短横线是试验被停止时的误差。"
    ),
    "The same trials by what was tried in them; the best is ringed.": (
        "同样的试验，按所试的参数排列；最好的带圈。"
    ),
    ": a coarse grid, then 1 finer grid around the best points so far": (
        "：先是粗网格，再是围绕当时最好点的 1 个细网格"
    ),
    ": a coarse grid, then {count} finer grids around the best points so far": (
        "：先是粗网格，再是围绕当时最好点的 {count} 个细网格"
    ),
    "1 trial repeated leading parameters with other seeds.": "1 次试验用别的种子重复领先的参数。",
    "{count} trials repeated leading parameters with other seeds.": (
        "{count} 次试验用别的种子重复领先的参数。"
    ),
    "1 trial stopped early, behind too many others.": "1 次试验落后太多，提前停止。",
    "{count} trials stopped early, behind too many others.": "{count} 次试验落后太多，提前停止。",
    "1 trial failed": "1 次试验失败",
    "{count} trials failed": "{count} 次试验失败",
    ", for instance: {reason}": "，例如：{reason}",
    "seeds": "种子数",
    "error": "误差",
    "parameter": "参数",
    "value": "值",
    "The parameters chosen": "选定的参数",
    "The best trials, by their error in validation": "验证误差最小的试验",
    "The best parameters, by mean error in validation with its standard error": (
        "最好的参数，按平均验证误差，附标准误"
    ),
}
