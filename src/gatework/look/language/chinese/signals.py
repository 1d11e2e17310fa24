"""What the charts of a run say: gates, memory, gradients, saturation, text and attribution."""

TEXTS = {
    "Gates over time": "门随时间的变化",
    "Gates over time, layer {n}": "门随时间的变化，第 {n} 层",
    "{signals} of {count} units over {steps} steps": "{count} 个单元、{steps} 步的{signals}",
    "Units that act alike lie together.": "行为相近的单元排在一起。",
    "and {n} more": "等另外 {n} 个",
    "Memory": "记忆",
    "How long the units remember": "各单元记得多久",
    "Dashed: the longest dependency in the data, 1 step.": "虚线：数据中最长的依赖，1 步。",
    "Dashed: the longest dependency in the data, {count} steps.": (
        "虚线：数据中最长的依赖，{count} 步。"
    ),
    "No dependency between steps is seen in the data.": "数据中看不到各步之间的依赖。",
    "median half-life {steps} steps": "半衰期中位数 {steps} 步",
    "half-life {steps} steps": "半衰期 {steps} 步",
    "half-life in steps": "半衰期（步）",
    "steps later": "步以后",
    "{count} units: half-life from {low} to {high} steps": (
        "{count} 个单元：半衰期 {low} 到 {high} 步"
    ),
    "Gradient flow": "梯度流",
    "How far back the loss reaches": "损失能回溯多远",
    "steps back, k": "回溯步数 k",
    "vanished": "消失",
    "exploded": "爆炸",
    "vanishes after 1 step": "1 步后消失",
    "vanishes after {count} steps": "{count} 步后消失",
    "explodes, to {times} times": "爆炸，增至 {times} 倍",
    "{share} left after 1 step": "1 步后还剩 {share}",
    "{share} left after {count} steps": "{count} 步后还剩 {share}",
    "Layer {n}: {what}.": "第 {n} 层：{what}。",
    "A plain RNN of the same sizes, layer 1: {what}.": "同样大小的普通 RNN，第 1 层：{what}。",
    "Saturation": "饱和",
    "How often gates are closed or open": "门关闭或打开的频率",
    "A point is a unit: right, its gate is often open; up, often closed.": (
        "一点代表一个单元：靠右表示门常打开，靠上表示门常关闭。"
    ),
    "No unit is dead or stuck.": "没有失效或卡住的单元。",
    "closed {closed} of the steps, open {open}": "{closed} 的步关闭，{open} 的步打开",
    "dead units, whose hidden state hardly changes: {units}": (
        "失效的单元（隐藏状态几乎不变）：{units}"
    ),
    "{gate} stuck {state}: {units}": "{gate}一直{state}：{units}",
    "Text coloured by a unit": "按单元着色的文本",
    "{signal} of unit {unit}, layer {n}": "第 {n} 层第 {unit} 个单元的{signal}",
    "{n} more letters are not drawn.": "另有 {n} 个字符未画出。",
    "Where the unit does as at “{text}”:": "该单元与“{text}”处表现相似的地方：",
    "nowhere else": "别处没有",
    "What mattered": "什么起了作用",
    "at step {label}": "{label} 处",
    "“{result}” {label}": "{label}“{result}”",
    "The result {label} is {value}; with the mean input it would be {base}.": (
        "{label}的结果是 {value}；若输入都取均值，则为 {base}。"
    ),
    "The result {label} is {value}; with the baseline it would be {base}.": (
        "{label}的结果是 {value}；若取基准输入，则为 {base}。"
    ),
    "The strongest step is {label} with {value}.": "影响最大的是 {label}：{value}。",
    "share of each step in the difference": "每一步在差值中的份额",
    "share of each feature": "每个特征的份额",
}
