// Formats numbers, times and durations for people. Pure.

export const number = (value: number): string => Math.round(value).toLocaleString('en');

export const count = (value: number, what: string): string =>
  `${number(value)} ${what}${value === 1 ? '' : 's'}`;

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const;

/** The two largest units: `2 h 5 min`, `12 s`, `350 ms`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const rounded = Math.round(ms / 1_000) * 1_000;
  const first = UNITS.findIndex(([size]) => rounded >= size);
  let rest = rounded;
  const parts = UNITS.slice(first, first + 2).map(([size, unit]) => {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    return amount === 0 ? '' : `${amount} ${unit}`;
  });
  return parts.filter((part) => part !== '').join(' ');
}

/** `3 min ago`; the clocks of two machines may differ, so a time may seem to be in the future. */
export function ago(at: string, now: number): string {
  const ms = now - Date.parse(at);
  if (!(ms >= 1_000)) return 'just now';
  const [size, unit] = UNITS.find(([one]) => ms >= one) ?? [1_000, 's'];
  return `${Math.floor(ms / size)} ${unit} ago`;
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

/** The time of day, and the date unless it is today. */
export function clock(at: string, now: number): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return '';
  const time = TIME.format(date);
  return date.toDateString() === new Date(now).toDateString() ? time : `${DAY.format(date)}, ${time}`;
}

/** Indents a JSON text without parsing it, so that numbers keep all of their digits. */
export function indented(json: string): string[] {
  const lines = [''];
  let depth = 0;
  const begin = (): void => void lines.push('  '.repeat(depth));
  const append = (text: string): void => void (lines[lines.length - 1] += text);
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[{]\s*[\]}]|[[\]{},:]|[^\s[\]{},:"]+/g)) {
    if (token === '{' || token === '[') {
      append(token);
      depth++;
      begin();
    } else if (token === '}' || token === ']') {
      depth--;
      begin();
      append(token);
    } else if (token === ',') {
      append(token);
      begin();
    } else append(token === ':' ? ': ' : token);
  }
  return lines;
}
