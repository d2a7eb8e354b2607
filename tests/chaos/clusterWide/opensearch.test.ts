// One file, because Vitest runs files at the same time: these tests change the whole cluster, and take turns.
await import('./cases.js');
await import('./firstWriters.js');
await import('./journalDeleted.js');
await import('./readOnlyCluster.js');
