import type { TestProject } from 'vitest/node';
import { provideEngine } from './sharedEngine.js';

export default (project: TestProject) => provideEngine('opensearch', project);
