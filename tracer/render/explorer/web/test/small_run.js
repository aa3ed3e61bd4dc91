// A run of a small UNet as a document, written by hand: what the tests of the explorer look at.
//
//   10  def forward(self, x):
//   11      """A U of two levels."""
//   12      hs = []
//   13      for i in range(2):
//   14          x = self.down[i](x)
//   15          hs.append(x)
//   16      if x is None:
//   17          raise ValueError
//   18      h = hs[-1]
//   19      while hs:
//   20          h = self.up(
//   21              torch.cat([h, hs.pop()]),
//   22          )
//   23      return h
//
//   30  def up(self, y):
//   31      y = self.conv(y)
//   32      return y

const forward = `    def forward(self, x):
        """A U of two levels."""
        hs = []
        for i in range(2):
            x = self.down[i](x)
            hs.append(x)
        if x is None:
            raise ValueError
        h = hs[-1]
        while hs:
            h = self.up(
                torch.cat([h, hs.pop()]),
            )
        return h
`;
const up = `    def up(self, y):
        y = self.conv(y)
        return y
`;

/** frame, line, first, last, names, changes, reads, before, sets, entry */
const lines = [
  [0, 14, 0, 1, [["x", 1]], [], [], [12, 13], [["i", "0"]], [["x", 0]]],
  [0, 15, 1, 1, [], [["push", "hs", 1, 1]], [], [], [], []],
  [0, 14, 1, 2, [["x", 2]], [], [], [13], [["i", "1"]], []],
  [0, 15, 2, 2, [], [["push", "hs", 2, 2]], [], [], [], []],
  [0, 18, 2, 2, [["h", 2]], [], [["hs", 2]], [13, 16], [], []],
  [0, 21, 2, 3, [], [["pop", "hs", 2, 1]], [], [19, 20], [], []],
  [0, 20, 3, 4, [["h", 4]], [], [], [], [], []],
  [1, 31, 3, 4, [["y", 4]], [], [], [], [], [["y", 3]]],
  [1, 32, 4, 4, [], [], [], [], [], []],
  [0, 21, 4, 5, [], [["pop", "hs", 1, 0]], [], [19, 20], [], []],
  [0, 20, 5, 6, [["h", 6]], [], [], [], [], []],
  [2, 31, 5, 6, [["y", 6]], [], [], [], [], [["y", 5]]],
  [2, 32, 6, 6, [], [], [], [], [], []],
  [0, 23, 6, 6, [], [], [], [19], [], []],
];

const block = (call, parent, fn, first, last, inputs, outputs) => ({
  call, path: call, kind: call ? "Conv2d" : "Net", parent, depth: parent < 0 ? 0 : 1, inputs, outputs,
  arguments: inputs.map(() => ""), parameters: 0, own: 0, buffers: 0, trainable: 0, first, last,
  kernel: [], stride: [], groups: 0, level: null, role: null, function: fn, note: null,
});
const step = (op, inputs, outputs, at, line) => [op, inputs, outputs, at, 0, line, -1, -1, 0];
const skip = (number, value, joined, result, popped, push, pop) => ({
  number, source: number, target: 0, value, joined, result, join: "cat", operands: [joined, value],
  pushed: 0, popped, via: [], list: "hs", push_line: push, pop_line: pop,
});

export const doc = {
  format: "unet-trace-explorer/1", title: "Net", target: "net.py:net", mode: null, torch: "", version: "",
  lang: "en", words: { en: {}, ko: {} }, notes: [], symbols: [{ name: "H", size: 8, multiple: 2, least: 2 }],
  rules: null, dims: ["1", "4", "8", "H", "H/2"],
  shapes: [[0, 1, 3], [0, 1, 4], [0, 2, 4]], dtypes: ["float32"],
  values: [[0, 0], [0, 0], [1, 0], [2, 0], [1, 0], [2, 0], [1, 0]],
  files: ["net.py"],
  functions: [
    {
      name: "Net.forward", file: 0, first: 10, last: 23, source: forward, link: null,
      statements: [[10, 10], [11, 11], [12, 12], [13, 13], [14, 14], [15, 15], [16, 16], [17, 17],
        [18, 18], [19, 19], [20, 22], [23, 23]],
      calls: [[13, 17, 5, "range"], [14, 21, 4, "down"], [15, 15, 6, "append"], [21, 33, 3, "pop"],
        [21, 22, 3, "cat"], [20, 21, 2, "up"]],
    },
    {
      name: "Net.up", file: 0, first: 30, last: 32, source: up, link: null,
      statements: [[30, 30], [31, 31], [32, 32]], calls: [[31, 17, 4, "conv"]],
    },
  ],
  blocks: [
    block("", -1, 0, 0, 6, [0], [6]), block("down.0", 0, -1, 0, 1, [0], [1]),
    block("down.1", 0, -1, 1, 2, [1], [2]), block("conv", 0, -1, 3, 4, [3], [4]),
    block("conv@1", 0, -1, 5, 6, [5], [6]),
  ],
  steps: [
    step("conv2d", [0], [1], 1, 14), step("conv2d", [1], [2], 2, 14), step("cat", [2, 2], [3], 0, 21),
    step("conv2d", [3], [4], 3, 31), step("cat", [4, 1], [5], 0, 21), step("conv2d", [5], [6], 4, 31),
  ],
  frames: [[0, 0, -1, -1], [1, 0, 0, 6], [1, 0, 0, 10]],
  lines,
  skips: [skip(1, 1, 4, 5, 4, 1, 9), skip(2, 2, 2, 3, 2, 3, 5)],
  ledger: [], maps: [], tables: {},
};
