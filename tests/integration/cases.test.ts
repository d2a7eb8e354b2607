// Every case of tests/cases that leaves the cluster's settings alone. tests/cases/README.md says how to add one.
import { runCases } from './cases/runCases.js';

runCases(({ clusterSettings }) => clusterSettings === undefined, { concurrent: true });
