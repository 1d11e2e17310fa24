"""What the film of a training says."""

TEXTS = {
    "play": "播放",
    "Training as a film": "训练过程",
    "Training, epoch by epoch": "逐轮训练",
    "{count} epochs, {frames} snapshots": "{count} 轮，{frames} 个快照",
    "loss": "损失",
    "training": "训练",
    "validation": "验证",
    "gradient {k} steps back, relative to its own step": "回溯 {k} 步的梯度（相对于当步）",
    "median half-life in steps": "半衰期中位数（步）",
    "mean {signal}, layer {n}": "{signal}均值，第 {n} 层",
}
