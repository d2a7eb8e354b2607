// Trouble that lasts is told now and then, not each time that it is met.

const SAME_MS = 10_000;

export function quietly(report: (text: string) => void): (text: string) => void {
  let last = { text: '', at: Number.NEGATIVE_INFINITY };
  return (text) => {
    const at = performance.now();
    if (text === last.text && at - last.at < SAME_MS) return;
    last = { text, at };
    report(text);
  };
}
