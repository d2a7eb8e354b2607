// The parts of `Mirror` that the gateway uses.
import type { Mirror } from '../mirror/mirror.js';

export type MirrorPort = Pick<Mirror, 'decide' | 'perform' | 'stop' | 'metrics' | 'others'>;
export type ReadsPort = Pick<Mirror, 'readRules' | 'readTally'>;
