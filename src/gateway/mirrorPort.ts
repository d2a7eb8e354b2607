// What the gateway needs of mirror/.
import type { Mirror } from '../mirror/mirror.js';

export type MirrorPort = Pick<Mirror, 'decide' | 'perform' | 'stop' | 'metrics'>;
