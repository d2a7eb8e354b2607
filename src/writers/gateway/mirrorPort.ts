// What the gateway needs of mirror/.
import type { Mirror } from '../mirror/mirror.js';

export type MirrorPort = Pick<Mirror, 'decide' | 'perform' | 'stop' | 'metrics' | 'others'>;
/** To look at searches. */
export type ReadsPort = Pick<Mirror, 'readRules' | 'readTally'>;
