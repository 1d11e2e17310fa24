// The page's own words in English and Chinese; names of gates and layers come from the server.

const WORDS = {
  studio: ["studio", "工作室"],
  model: ["model", "模型"],
  views: ["views", "视图"],
  drop: ["drop a table here, or choose one", "把表格拖到这里，或选择文件"],
  columns: ["columns", "列"],
  column: ["column", "数值列"],
  time_column: ["time column", "时间列"],
  id_column: ["id column", "编号列"],
  series: ["series", "序列"],
  again: ["read the table again", "重新读取表格"],
  tour: ["tour", "导览"],
  compare: ["compare", "对比"],
  layer: ["layer", "层"],
  direction: ["direction", "方向"],
  unit: ["unit", "单元"],
  units: ["units", "单元"],
  signal: ["signal", "信号"],
  steps: ["steps", "步数"],
  run: ["run", "训练记录"],
  film: ["film of this training", "训练影片"],
  structure: ["structure", "结构"],
  unrolled: ["unrolled", "按时间展开"],
  cell: ["cell", "单元结构"],
  gates: ["gates over time", "门随时间"],
  memory: ["memory", "记忆"],
  gradients: ["gradients", "梯度"],
  saturation: ["saturation", "饱和"],
  text: ["text", "文本"],
  attribution: ["what mattered", "什么起了作用"],
  edit: ["what if", "假如"],
  findings: ["findings", "发现"],
  training: ["training", "训练"],
  example: ["example", "示例"],
  "failures a week": ["failures a week", "每周故障数"],
  letters: ["letters", "字符"],
  broken: ["cannot be opened", "无法打开"],
  loading: ["opening …", "正在打开……"],
  trains: ["training the example, a few seconds …", "正在训练示例，需几秒……"],
  no_data: ["Drop a table to see this model at work.", "拖入表格，即可看到模型的运行。"],
  no_file: ["Drop a table first, or choose one.", "请先拖入或选择表格。"],
  no_number: ["The value must be a number.", "值必须是数字。"],
  nothing_here: ["This model has nothing to show here.", "该模型在此没有可显示的内容。"],
  result: ["result", "结果"],
  edited: ["edited", "修改后"],
  edits: ["These are numbers with edits", "当前为修改后的数值，修改处数"],
  unedited: ["as it was", "修改前"],
  change: ["change", "修改"],
  undo: ["undo", "撤销"],
  clear: ["undo all", "全部撤销"],
  value: ["value", "值"],
  at: ["at step", "位于"],
  apart: ["largest difference", "最大差异"],
  type: ["Type a text; the gates move at each letter.", "输入文字，门随每个字符变化。"],
  next: ["most likely next", "最可能的下一个"],
  similar: ["find moments at which the unit does as from here on", "查找该单元表现与此处相似的时刻"],
  nowhere: ["nowhere else", "别处没有"],
  loss: ["loss", "损失"],
  validation: ["validation", "验证"],
  gradient: ["largest gradient", "最大梯度"],
  epoch: ["epoch", "轮次"],
  waiting: ["waiting for the first epoch …", "等待第一轮……"],
  close: ["close", "关闭"],
  continue: ["next", "下一步"],
  before: ["back", "上一步"],
  zoom: [
    "Click to follow a unit; wheel to zoom in time, with Shift in units; drag to move; double click for all. Keys: arrows, + and −, Page Up and Down, 0.",
    "点击以跟踪单元；滚轮缩放时间，按住 Shift 缩放单元；拖动移动；双击显示全部。按键：方向键、+ 与 −、上下翻页、0。",
  ],
  zoom_in: ["zoom in", "放大"],
  zoom_out: ["zoom out", "缩小"],
  zoom_all: ["all", "全部"],
  sorted: ["units that act alike together", "把表现相似的单元排在一起"],
  raw: ["input value", "输入值"],
  nothing: ["Nothing stands out.", "没有异常。"],
  play: ["play", "播放"],
  step: ["step", "步"],
  "first step": ["first step", "第一步"],
  "a step back": ["a step back", "后退一步"],
  "a step forward": ["a step forward", "前进一步"],
  "last step": ["last step", "最后一步"],
};

let language = 0;

/** Choose "en" or "zh". */
export function speak(code) {
  language = code === "zh" ? 1 : 0;
  document.documentElement.lang = language ? "zh-Hans" : "en";
  for (const node of document.querySelectorAll("[data-say]")) node.textContent = say(node.dataset.say);
  for (const node of document.querySelectorAll("[data-title]")) {
    node.title = say(node.dataset.title);
    node.setAttribute("aria-label", node.title);
  }
}

/** Return a text in the chosen language. */
export function say(key) {
  return WORDS[key][language];
}

/** Return "en" or "zh". */
export function spoken() {
  return language ? "zh" : "en";
}
