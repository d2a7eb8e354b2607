// The health check of the image. Exits with 0 if TWINDEX_HEALTH_URL answers 200.
import http from 'node:http';
import https from 'node:https';

const url = new URL(process.env.TWINDEX_HEALTH_URL ?? 'http://127.0.0.1:9201/-/health');
const { get } = url.protocol === 'https:' ? https : http;
const unhealthy = () => process.exit(1);

// The certificate is not checked, since it is for the name that clients use, not for 127.0.0.1.
get(url, { rejectUnauthorized: false, timeout: 4_000 }, ({ statusCode }) =>
  process.exit(statusCode === 200 ? 0 : 1),
)
  .on('timeout', unhealthy)
  .on('error', unhealthy);
