"""What all pictures say: the names of gates, states and layers."""

TEXTS = {
    "input": "输入",
    "output": "输出",
    "input gate": "输入门",
    "forget gate": "遗忘门",
    "candidate": "候选值",
    "output gate": "输出门",
    "cell state": "记忆单元",
    "hidden state": "隐藏状态",
    "normaliser": "归一化状态",
    "stabiliser": "稳定化状态",
    "layer {n}": "第 {n} 层",
    "step": "步",
    "steps": "步",
    "step {n}": "第 {n} 步",
    "unit": "单元",
    "unit {n}": "第 {n} 个单元",
    "units": "单元",
    "reverse": "反向",
    "forward": "正向",
}
