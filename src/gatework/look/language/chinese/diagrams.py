"""What the diagrams say: structure, unrolled network and cell."""

TEXTS = {
    "The network: {sizes}": "网络：{sizes}",
    "dropout {share}": "丢弃率 {share}",
    "{name} ({kind}): {inside} features in, {outside} out, {count} parameters": (
        "{name}（{kind}）：输入 {inside} 个特征，输出 {outside} 个，共 {count} 个参数"
    ),
    "From input to output: {layers}.": "从输入到输出：{layers}。",
    "reads both directions, {count} features leave": "双向读取，输出 {count} 个特征",
    "projected to {count} features": "投影到 {count} 个特征",
    "{count} parameters": "{count} 个参数",
    "{count} parameters in all.": "共 {count} 个参数。",
    "A loop is the state a layer carries to its next step.": "环形箭头是该层传给下一步的状态。",
    "Shapes are (T steps, B series, features).": "形状为（T 步，B 个序列，特征数）。",
    "A dot stands for one unit.": "一个圆点代表一个单元。",
    "A dot stands for {count} units.": "一个圆点代表 {count} 个单元。",
    "Dropout acts only in training.": "丢弃只在训练时起作用。",
    "{what} to step t + 1": "{what} 传到第 t + 1 步",
    "{what} to step t - 1": "{what} 传到第 t - 1 步",
    "The network unrolled in time": "按时间展开的网络",
    "Every column is the same network with the same weights, one step later.": (
        "每一列都是同一个网络，权重相同，只是晚一步。"
    ),
    "{layers} layers over steps {first} to {last}; arrows to the right are the state": (
        "{layers} 层，从 {first} 到 {last}；向右的箭头是状态"
    ),
    "{layer}, step {step}": "{layer}，{step}",
    "The cell": "记忆单元结构",
    "The cell of layer {n}": "第 {n} 层的单元结构",
    "unit {unit} at step {step} ({label})": "第 {unit} 个单元，第 {step} 步（{label}）",
    "{value} from the input and bias": "来自输入和偏置：{value}",
    "{value} from the hidden state": "来自隐藏状态：{value}",
    "{value} from the cell": "来自记忆单元：{value}",
    "σ is the logistic function, from 0 to 1; × and + work on each unit by itself.": (
        "σ 是逻辑函数，取值 0 到 1；× 和 + 对每个单元分别进行。"
    ),
    "The numbers are those of the one unit; h and x are read whole.": (
        "数字属于这一个单元；门读取整个 h 和 x。"
    ),
    "what is forgotten": "遗忘的部分",
    "what is written": "写入的部分",
    "old content and new content": "旧内容与新内容相加",
    "what is let out": "输出的部分",
    "projection": "投影",
    "the gates' own sum": "输入门的累计",
    "A plain recurrent layer has no gates and no memory cell.": (
        "普通循环层没有门，也没有记忆单元。"
    ),
    "Dashed: peepholes, by which gates see the cell.": "虚线：窥视孔连接，门由此看到记忆单元。",
    "LN: layer normalisation.": "LN：层归一化。",
    "Coupled gates: what is not written is kept, f = 1 - i.": (
        "耦合门：未写入的部分被保留，f = 1 - i。"
    ),
    "n sums up the input gates, and the cell is read relative to it.": (
        "n 累计输入门，读取记忆单元时除以 n。"
    ),
    "Zoneout mixes cell and hidden state with those of the step before.": (
        "Zoneout 把记忆单元和隐藏状态与上一步的值混合。"
    ),
    "The network": "网络结构",
    "linear": "线性层",
    "; then ": "；然后是",
}
