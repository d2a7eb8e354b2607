// One file, because Vitest runs files at the same time: these tests change the whole cluster, and take turns.
import './cases.js';
import './firstWriters.js';
import './journalDeleted.js';
import './readOnlyCluster.js';
