"""What the diagnosis and its report say."""

TEXTS = {
    "Inside {title}": "网络内部：{title}",
    "What stands out": "值得注意之处",
    "Written by Gatework {version}.": "由 Gatework {version} 生成。",
    "trainable numbers": "可训练的数",
    "findings": "发现",
    "see below": "见下文",
    "Try: {cure}.": "可尝试：{cure}。",
    "the {gate} of {count} of {units} units is {state} at nearly every step": (
        "{units} 个单元中有 {count} 个的{gate}几乎每一步都{state}"
    ),
    "scale the inputs to about -1 to 1, lower the learning rate, or set layer_norm=True": (
        "把输入缩放到约 -1 到 1，降低学习率，或设 layer_norm=True"
    ),
    "scale the inputs to about -1 to 1, add weight decay, or set layer_norm=True": (
        "把输入缩放到约 -1 到 1，加权重衰减，或设 layer_norm=True"
    ),
    "{count} of {units} units never change: {shown}": (
        "{units} 个单元中有 {count} 个从不变化：{shown}"
    ),
    "a smaller layer, or a higher learning rate at the beginning": (
        "用更小的层，或开始时用更高的学习率"
    ),
    "the cell state is beyond ±3 at {share:.0%} of all places, where tanh is flat": (
        "记忆单元在 {share:.0%} 的位置超出 ±3，那里 tanh 已经平坦"
    ),
    "scale the inputs, or set layer_norm=True or coupled_gates=True": (
        "缩放输入，或设 layer_norm=True 或 coupled_gates=True"
    ),
    "the gradient grows to {times:.3g} times its size as it goes back in time": (
        "梯度在回溯中增至 {times:.3g} 倍"
    ),
    "set clip_norm=1.0 in the Trainer, lower the learning rate, or set layer_norm=True": (
        "在 Trainer 中设 clip_norm=1.0，降低学习率，或设 layer_norm=True"
    ),
    "the gradient has vanished {reach} steps back, and the data ask for {wanted}": (
        "梯度回溯 {reach} 步就已消失，而数据需要 {wanted} 步"
    ),
    "a higher forget_bias, for instance log({wanted} - 1), or a forecast of seasonal differences": (
        "用更高的 forget_bias，例如 log({wanted} - 1)，或预测季节差分"
    ),
    "the forget bias never moved from its start, {start:g}": "遗忘门偏置从未离开初值 {start:g}",
    "train longer or with a higher learning rate; or the network is not trained yet": (
        "训练更久或用更高的学习率；也可能网络尚未训练"
    ),
    "after {needed} steps, which the data need, at most {left:.1%} of a cell is left": (
        "数据需要记住 {needed} 步，而那时记忆单元的内容最多只剩 {left:.1%}"
    ),
    "a higher forget_bias, for instance {bias:.2g}; longer windows; or the season as an input": (
        "用更高的 forget_bias，例如 {bias:.2g}；更长的窗口；或把季节作为输入"
    ),
    "nothing stands out: gates move, gradients reach back, memory is long enough": (
        "没有异常：门在活动，梯度能够回溯，记忆足够长"
    ),
}
