// The log of `twindex gateway`, `worker` and `dashboard`: text on a terminal, otherwise one JSON object per line, for
// programs that collect logs. Every line passes through `redact`, in case the line contains a secret.
import { type Command, Option } from 'commander';
import { redact } from '../errors.js';
import { type Io, log as logLine, tell } from '../terminal.js';

const LEVELS = ['info', 'warn', 'error', 'silent'] as const;
type Threshold = (typeof LEVELS)[number];
export type LogLevel = Exclude<Threshold, 'silent'>;

export interface LogFlags {
  readonly logLevel: Threshold;
  readonly logFormat?: 'text' | 'json';
}

/** @param fields shown only if the log is JSON */
export type WriteLog = (level: LogLevel, text: string, fields?: object) => void;

export function addLogOptions(command: Command): void {
  command
    .addOption(
      new Option('--log-level <level>', 'the least urgent lines to log').choices(LEVELS).default('info'),
    )
    .addOption(
      new Option(
        '--log-format <format>',
        'json: one object per line (default: text on a terminal, else json)',
      ).choices(['text', 'json']),
    );
}

/** @param stream where the lines go */
export async function openLog(
  io: Io,
  stream: 'stdout' | 'stderr',
  { logLevel, logFormat = io[stream].isTTY ? 'text' : 'json' }: LogFlags,
): Promise<WriteLog> {
  if (logFormat === 'json') return await openJsonLog(io[stream], logLevel);
  const write = stream === 'stdout' ? logLine : tell;
  return (level, text) => {
    if (LEVELS.indexOf(level) >= LEVELS.indexOf(logLevel)) write(io, redact(text));
  };
}

/** The log shows `…` instead of the values of fields with these names. */
const SECRETS = ['auth', 'authorization', 'password', 'apiKey', 'bearer', 'token', 'headers', 'cookie'];

async function openJsonLog(stream: NodeJS.WritableStream, level: Threshold): Promise<WriteLog> {
  const { pino, stdTimeFunctions } = await import('pino');
  const logger = pino(
    {
      level,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '…' },
    },
    stream,
  );
  return (lineLevel, text, fields = {}) => logger[lineLevel](fields, redact(text));
}
