// Like opensearch.test.ts. The other tests of this folder ask nothing that depends on the engine.
await import('./cases.js');
