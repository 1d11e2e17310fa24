// A guided tour on the model at hand: gates, memory cell, unrolled network, stack, vanishing gradient.

import { element } from "/static/dom.js";
import { choose } from "/static/state.js";
import { say, spoken } from "/static/words.js";

const STOPS = [
  {
    tab: "cell",
    en: [
      "Three gates and a candidate",
      "A unit of an LSTM reads the input and what the units of its layer said a step ago, and makes four numbers of them. The forget gate says how much of its memory stays. The candidate is what could be written, the input gate how much of it is. The output gate says how much of the memory is shown. A gate of 0 is closed, one of 1 is open. These are the numbers of your model, of the unit and the step below: move the step and watch them.",
    ],
    zh: [
      "三个门和一个候选值",
      "LSTM 的一个单元读入当前输入和本层各单元上一步的输出，算出四个数。遗忘门决定记忆保留多少；候选值是可以写入的内容，输入门决定写入多少；输出门决定显示多少。门为 0 表示关闭，为 1 表示打开。这里是你的模型在下方所选单元和步的数值：移动步，看它们如何变化。",
    ],
  },
  {
    tab: "gates",
    signal: "cell",
    en: [
      "The memory cell",
      "The line on top of the cell is the memory: new memory is forget gate times old memory plus input gate times candidate. Nothing else touches it, so it can carry a number over many steps. Below are the memory cells of a whole layer, a row for each unit. Look for rows that keep their colour for long: those units remember. Click one to follow it.",
    ],
    zh: [
      "记忆单元",
      "单元图上方的横线就是记忆：新记忆 = 遗忘门 × 旧记忆 + 输入门 × 候选值。别的什么都不碰它，所以一个数可以保存很多步。下面是整层的记忆，每行一个单元。找颜色长时间不变的行：那些单元在记忆。点击一行即可跟踪它。",
    ],
  },
  {
    tab: "unrolled",
    en: [
      "The network unrolled",
      "A recurrent network is one network that is used again at every step. Unrolled in time it looks like a deep network whose columns share their weights. The arrows to the right are what it hands to itself: hidden state h and cell c.",
    ],
    zh: [
      "按时间展开",
      "循环网络是同一个网络在每一步重复使用。按时间展开后，它像一个很深的网络，各列共用同一组权重。向右的箭头是它传给自己的东西：隐藏状态 h 和记忆 c。",
    ],
  },
  {
    tab: "structure",
    en: [
      "A stack of layers",
      "Layers are stacked: what one says at a step is what the next one reads. Three layers that grow smaller are the classic. The first ones see details, the later ones what is made of them. The head at the end turns the last hidden state into a result.",
    ],
    zh: [
      "层的堆叠",
      "层一层层叠起来：一层在某一步的输出就是下一层的输入。经典的是三层，逐层变小。前面的层看细节，后面的层看由细节组成的东西。最后的输出层把最末的隐藏状态变成结果。",
    ],
  },
  {
    tab: "gradients",
    en: [
      "The vanishing gradient",
      "To learn that something long ago mattered, a gradient must reach back to it. In a plain recurrent network it is multiplied by the same weights at every step, and soon vanishes or explodes. In an LSTM it flows along the memory cell, multiplied by forget gates that can stay near 1. Compare your model with the plain network of the same sizes.",
    ],
    zh: [
      "梯度消失",
      "要学会很久以前的事情有用，梯度必须能回到那里。在普通循环网络里，它每一步都乘以同样的权重，很快消失或爆炸。在 LSTM 里，它沿着记忆单元流动，乘的是可以接近 1 的遗忘门。把你的模型与同样大小的普通网络比较一下。",
    ],
  },
];

/** Walk through the stops whose tab is among ``tabs``; ``front(tab)`` brings one to the front. */
export function tour(dialog, tabs, front) {
  const stops = STOPS.filter((stop) => tabs.includes(stop.tab));
  if (!stops.length) return;
  let at = 0;
  const go = (to) => {
    at = to;
    tell();
  };
  const tell = () => {
    const stop = stops[at];
    const [title, text] = stop[spoken()];
    if (stop.signal) choose({ signal: stop.signal });
    front(stop.tab);
    const button = (key, act, disabled = false) => {
      const made = element("button", { type: "button", disabled }, say(key));
      made.addEventListener("click", act);
      return made;
    };
    const onward = button("continue", () => go(at + 1), at === stops.length - 1);
    const close = button("close", () => dialog.close());
    const bar = element("p", { className: "bar" }, button("before", () => go(at - 1), at === 0), onward, close);
    dialog.replaceChildren(element("h2", { id: "guide-title" }, `${at + 1} / ${stops.length}  ${title}`), element("p", {}, text), bar);
    (onward.disabled ? close : onward).focus();
  };
  dialog.setAttribute("aria-labelledby", "guide-title");
  dialog.onkeydown = (event) => {
    if (event.key === "Escape") dialog.close();
  };
  dialog.show();
  tell();
}
