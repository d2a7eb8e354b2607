// Shows on a terminal that a command is still working, if it takes longer than a second.
import type { Io } from '../terminal.js';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const BEGINS_AFTER_MS = 1_000;
const FRAME_MS = 100;
const CLEAR_LINE = '\r\u001b[2K';

/** Writes the line to stderr, so that it never mixes with the output, and removes it when the work ends. */
export async function withSpinner<T>(
  { stderr }: Pick<Io, 'stderr'>,
  text: string,
  work: () => Promise<T>,
): Promise<T> {
  if (!stderr.isTTY) return work();
  let frame = 0;
  let turns: NodeJS.Timeout | undefined;
  const turn = (): void => {
    stderr.write(`${CLEAR_LINE}${FRAMES[frame++ % FRAMES.length]} ${text}`);
  };
  const begin = setTimeout(() => {
    turn();
    turns = setInterval(turn, FRAME_MS);
  }, BEGINS_AFTER_MS);
  try {
    return await work();
  } finally {
    clearTimeout(begin);
    if (turns) {
      clearInterval(turns);
      stderr.write(CLEAR_LINE);
    }
  }
}
