// Lists the events of a worker, and makes a line of text from each of them.
import type { HandedOutWindow } from '../../journal/workerDocuments.js';

type Part = Pick<HandedOutWindow, 'name' | 'shard' | 'after' | 'upTo'>;

export type WorkerEvent =
  | { readonly event: 'ready'; readonly worker: string }
  /** The worker gets no windows, because its index file differs from the coordinator's. */
  | ({ readonly event: 'differs' } & Pick<HandedOutWindow, 'name' | 'reason'>)
  | ({ readonly event: 'taken' } & Part)
  | ({ readonly event: 'ended'; readonly documents: number; readonly ms: number } & Part &
      Pick<HandedOutWindow, 'state' | 'reason'>)
  | { readonly event: 'trouble'; readonly text: string };

export function workerLine(event: WorkerEvent): string {
  switch (event.event) {
    case 'ready':
      return `worker ${event.worker} waits for windows`;
    case 'trouble':
      return `warning: ${event.text}`;
    case 'differs':
      return `${event.name}: not copied here: ${event.reason}`;
    case 'taken':
      return `${partText(event)}: taken`;
    case 'ended': {
      const { state, reason, documents, ms } = event;
      const how = state === 'done' ? 'done' : reason ? `${state}: ${reason}` : state;
      return `${partText(event)}: ${how}, ${documents.toLocaleString('en')} documents in ${(ms / 1_000).toFixed(1)} s`;
    }
  }
}

function partText({ name, shard, after, upTo }: Part): string {
  const [from, to] = [after + 1, upTo].map((n) => n.toLocaleString('en'));
  return `${name}, shard ${shard}, operations ${from} to ${to}`;
}
