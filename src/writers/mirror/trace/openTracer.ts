// Opens the tracer of a writer, if OpenTelemetry is set up in this process. Otherwise nothing is imported, and a
// write has no trace.
import { packageVersion } from '../../../packageVersion.js';
import { isSetUp, loadOpenTelemetry } from './openTelemetry.js';
import type { TracerOptions } from './requestSpan.js';
import type { WriteTracer } from './writeTracer.js';

export async function openTracer(
  options: TracerOptions,
  onWarning: (text: string) => unknown,
): Promise<WriteTracer | undefined> {
  if (!isSetUp()) return undefined;
  const telemetry = await loadOpenTelemetry(packageVersion(), onWarning);
  const { WriteTracer: Tracer } = await import('./writeTracer.js');
  return telemetry && new Tracer(telemetry, options);
}
