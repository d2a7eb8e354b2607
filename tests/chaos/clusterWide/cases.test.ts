// The cases of tests/cases that change settings of the cluster: here, where nothing else uses the engine.
import { runCases } from '../../integration/cases/runCases.js';

runCases(({ clusterSettings }) => clusterSettings !== undefined, { concurrent: false });
