// Decides about a write that goes to one index only, because no migration of the index runs or the writers
// are not prepared yet. It is forwarded only if its document has the shape of the index.
import { messageOf } from '../../../errors.js';
import { transformChain } from '../../../schema/chain.js';
import type { IndexDefinition } from '../../../schema/types.js';
import type { WritersPhase } from '../../../protocol/writerRoles.js';
import { illegal } from '../request/decisions.js';
import { type EngineError, notPrepared } from '../request/engineError.js';
import type { Write } from '../request/clientRequest.js';
import type { DocumentVersions } from './documentVersions.js';
import type { LiveVersion } from './liveIndex.js';

export type Unmirrored =
  | { readonly type: 'passedThrough' }
  /** If the wait takes too long, the client gets `error`. */
  | { readonly type: 'waits'; readonly error: EngineError | undefined }
  | { readonly type: 'refused'; readonly error: EngineError };

type SentWrite = Pick<Write, 'action' | 'version' | 'clientIndex'>;

export interface UnmirroredIndex {
  readonly definition: IndexDefinition;
  /** May change during a wait. */
  readonly phase: WritersPhase;
  readonly knownVersion: LiveVersion | undefined;
  readVersion(): Promise<LiveVersion | undefined>;
  /** Polls the journal at once. @returns whether the journal has answered */
  poll(): Promise<boolean>;
}

const PASSED_THROUGH: Unmirrored = { type: 'passedThrough' };
const WAITS: Unmirrored = { type: 'waits', error: undefined };

/** @param shapes translates documents; needed in the phase `unprepared` */
export async function unmirrored(
  index: UnmirroredIndex,
  shapes: DocumentVersions | undefined,
  write: SentWrite,
): Promise<Unmirrored> {
  const { phase, definition } = index;
  if (phase.type === 'unprepared' && shapes) return unprepared(phase.roles, shapes, write);
  if (phase.type !== 'idle') return WAITS;
  if (write.version === undefined || write.action === 'delete') return PASSED_THROUGH;
  try {
    return await idle(index, write.clientIndex, write.version);
  } catch (error) {
    return { type: 'waits', error: { ...unknownPhase(definition.name), reason: messageOf(error) } };
  }
}

function unprepared(
  { name, follower, unnamedVersion }: Extract<WritersPhase, { type: 'unprepared' }>['roles'],
  shapes: DocumentVersions,
  { action, version, clientIndex }: SentWrite,
): Unmirrored {
  const waits: Unmirrored = { type: 'waits', error: notPrepared(name, version ?? unnamedVersion) };
  if (clientIndex === follower) return waits;
  if (action === 'delete') return PASSED_THROUGH;
  const form = shapes.versionOf(version);
  if (form.type === 'unknown') return { type: 'refused', error: illegal(form.reason) };
  return form.type === 'leader' ? PASSED_THROUGH : waits;
}

async function idle(index: UnmirroredIndex, clientIndex: string, version: number): Promise<Unmirrored> {
  const { definition } = index;
  const fits = (live: LiveVersion | undefined): boolean =>
    !live ||
    live.version === version ||
    live.index === clientIndex ||
    haveSameShape(definition, live.version, version);
  const whileIdle = (decision: Unmirrored): Unmirrored => (index.phase.type === 'idle' ? decision : WAITS);
  if (fits(index.knownVersion ?? (await index.readVersion()))) return whileIdle(PASSED_THROUGH);
  // check again before refusing: a migration may have begun, or the index may have been replaced
  if (!(await index.poll())) return { type: 'waits', error: unknownPhase(definition.name) };
  const live = await index.readVersion();
  if (!live || fits(live)) return whileIdle(PASSED_THROUGH);
  return whileIdle({ type: 'refused', error: illegal(whyNotStored(definition, live, version)) });
}

function unknownPhase(name: string): EngineError {
  return {
    status: 503,
    type: 'twindex_lease_expired',
    reason: `this writer could not confirm which version ${name} has now; the write was not done. Send it again`,
  };
}

/** False if this writer's index file does not know both versions. */
function haveSameShape(definition: IndexDefinition, live: number, version: number): boolean {
  if (Math.max(live, version) > definition.version) return false;
  return !transformChain(definition, live, version) && !transformChain(definition, version, live);
}

function whyNotStored({ name }: IndexDefinition, live: LiveVersion, version: number): string {
  const what = `documents of version ${version} can't be stored now: [${name}] has version ${live.version} (${live.index}), and no migration is running`;
  return version > live.version
    ? `${what}. Start the migration first (twindex migrate ${name}), or write documents of version ${live.version}`
    : `${what} that could translate them. Write documents of version ${live.version}`;
}
