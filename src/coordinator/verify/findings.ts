// Collects the findings of a check, and counts the documents.
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import type { DifferenceKind } from './compareDocument.js';

/** A document that differs between the two indexes. */
export interface VerifyFinding {
  readonly id: string;
  readonly routing: string | null;
  readonly kind: DifferenceKind;
  /** The first fields that differ, as `path: value on the follower -> expected value`. */
  readonly fields: readonly string[];
}

/** Why a document of the leader counts neither as equal nor as a finding. */
export type Uncompared = 'moving' | 'behind' | 'rejected' | 'dropped' | 'notCompared' | 'nonDeterministic';

const SHOWN = 10;

export class Findings {
  /** Documents of the leader that were compared. A document that is written meanwhile may count twice. */
  compared = 0;
  different = 0;
  missing = 0;
  extra = 0;
  readonly counts: Record<Uncompared, number> = {
    /** The document was written faster than it could be compared: each state that differed was replaced. */
    moving: 0,
    /** Following has not passed the document's last operation. */
    behind: 0,
    rejected: 0,
    dropped: 0,
    /** The document came from the source of truth, and the leader has an older state. */
    notCompared: 0,
    nonDeterministic: 0,
  };
  readonly first: VerifyFinding[] = [];
  #unequal = 0;
  readonly #onFinding: (finding: VerifyFinding) => void;

  constructor(onFinding: (finding: VerifyFinding) => void) {
    this.#onFinding = onFinding;
  }

  get equal(): number {
    return Math.max(0, this.compared - this.#unequal);
  }

  get total(): number {
    return this.different + this.missing + this.extra;
  }

  /** @param counted whether `compared` includes the document */
  leave(what: Uncompared, counted = true): void {
    this.counts[what]++;
    if (counted) this.#unequal++;
  }

  add(key: DocumentKey, kind: DifferenceKind, fields: readonly string[], counted: boolean): void {
    if (kind === 'missing') this.missing++;
    else if (kind === 'extra') this.extra++;
    else this.different++;
    if (counted) this.#unequal++;
    const finding: VerifyFinding = { id: key.id, routing: key.routing ?? null, kind, fields };
    if (this.first.length < SHOWN) this.first.push(finding);
    this.#onFinding(finding);
  }
}
