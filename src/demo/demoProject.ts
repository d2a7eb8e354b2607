// Writes the configuration and the index file for the demo's commands into a folder, as a user would do.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFile } from '../packageFile.js';
import { type Features, schemaV2 } from './schemas.js';

export interface Project {
  readonly configFile: string;
  remove(): Promise<void>;
}

export async function writeProject(options: {
  urls: readonly string[];
  name: string;
  features: Features;
}): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'twindex-demo-'));
  const configFile = join(folder, 'twindex.config.json');
  await mkdir(join(folder, 'indexes'));
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const config = { cluster: { nodes: options.urls }, indexes: ['./indexes/*.js'] };
  await writeFile(configFile, `${JSON.stringify(config, null, 2)}\n`);
  await writeFile(join(folder, 'indexes', 'catalogue.js'), indexFile(options.name, options.features));
  return { configFile, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The text of the index file. All of it is JSON except the transforms, which are functions and are imported. */
function indexFile(name: string, features: Features): string {
  const { settings, mappings } = schemaV2(features);
  return [
    `import { down, up } from ${JSON.stringify(packageFile('dist/demo/schemas.js').href)};`,
    '',
    'export default {',
    `  name: ${JSON.stringify(name)},`,
    '  version: 2,',
    `  settings: ${JSON.stringify(settings)},`,
    `  mappings: ${JSON.stringify(mappings)},`,
    '  migrations: { 2: { up, down } },',
    '};',
    '',
  ].join('\n');
}
