// Preloaded into a gateway by a test: says on stderr which packages of OpenTelemetry the process asks for. If
// WITHHOLD is set, it finds none of them.
const Module = require('node:module');

const resolve = Module._resolveFilename;
Module._resolveFilename = function (name, ...rest) {
  if (!name.startsWith('@opentelemetry/')) return resolve.call(this, name, ...rest);
  process.stderr.write(`asks for ${name}\n`);
  if (!process.env.WITHHOLD) return resolve.call(this, name, ...rest);
  throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
};
