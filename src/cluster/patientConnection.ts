// A connection that sends a request again if the cluster or a proxy has refused it because of the user. The reason
// may be temporary (a login page, changed credentials). A refused request had no effect, so a retry is safe.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster.js';
import { backoffMs, ClusterConnection } from './clusterConnection.js';
import type { Answer, Request } from './request.js';
import { isTurnedAway, toTwindexError } from './engineErrors.js';

export interface Patience {
  /** How long to retry, in ms. The function is called before each retry, since the time may change. */
  readonly ms: () => number;
  readonly onTurnedAway: (text: string) => void;
}

export function withPatience(cluster: Cluster, patience: Patience): Cluster {
  return {
    ...cluster,
    connection: new PatientConnection(cluster.connection, patience),
    source: cluster.source && withPatience(cluster.source, patience),
  };
}

class PatientConnection extends ClusterConnection {
  readonly #inner: ClusterConnection;
  readonly #patience: Patience;
  /** Requests that were refused until their retry time was over. If sent again, they fail at once. */
  readonly #refused = new Set<string>();

  constructor(inner: ClusterConnection, patience: Patience) {
    super(0);
    this.#inner = inner;
    this.#patience = patience;
  }

  get urls(): readonly string[] {
    return this.#inner.urls;
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  override renewCredentials(): Promise<void> {
    return this.#inner.renewCredentials();
  }

  protected override sendOnce(request: Request): Promise<Answer> {
    return this.#inner.send(request);
  }

  override async send(request: Request): Promise<Answer> {
    const began = performance.now();
    const what = `${request.method} ${request.path}`;
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#inner.send(request);
      if (!isTurnedAway(answer) || request.mayBeRefused) {
        this.#refused.delete(what);
        return answer;
      }
      const leftMs = this.#patience.ms() - (performance.now() - began);
      if (leftMs <= 0 || this.#refused.has(what)) {
        this.#refused.add(what);
        return answer;
      }
      if (attempt === 0) {
        const { message } = toTwindexError(request, answer);
        this.#patience.onTurnedAway(
          `${message} The request is sent again for up to ${Math.ceil(leftMs / 1_000)} s`,
        );
      }
      await this.#inner.renewCredentials();
      await sleep(
        Math.min(leftMs, backoffMs(attempt)),
        undefined,
        request.signal ? { signal: request.signal } : {},
      );
    }
  }
}
