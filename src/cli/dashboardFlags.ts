// Parses the options of the dashboard, and starts it, for `twindex dashboard` and `twindex gateway --dashboard`.
import type { Project } from '../api/project.js';
import { TwindexError } from '../errors.js';
import type { Dashboard } from '../dashboard/dashboardServer.js';

export const DASHBOARD_PORT = 9202;
export const TOKEN_FILE =
  'file with the token that is needed to steer (and on other addresses than 127.0.0.1 also to read)';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** @param text `[HOST:]PORT` @throws TwindexError `usage` */
export function parseAddress(text: string, flag: string): ListenAddress {
  const [, host = '127.0.0.1', port = ''] = /^(?:(\[[^\]]+\]|[^:]+):)?(\d+)$/.exec(text) ?? [];
  if (port !== '' && Number(port) < 65_536) return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
  throw new TwindexError(
    'usage',
    `${flag}: "${text}" is not a port such as 9202, nor a host with a port such as 0.0.0.0:9202`,
  );
}

/** @throws TwindexError `usage` */
export function parsePort(text: string, flag: string): number {
  if (/^\d+$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new TwindexError('usage', `${flag}: "${text}" is not a port`);
}

export async function openDashboard(
  project: Project,
  { host, port }: ListenAddress,
  { tokenFile, tell }: { readonly tokenFile: string | undefined; readonly tell: (line: string) => void },
): Promise<Dashboard> {
  const { startDashboard } = await import('../dashboard/dashboardServer.js');
  return startDashboard({ project, host, port, tokenFile, tell });
}
