// A distribution of an engine that is a small program: it is started, says that it is ready, and is ended just as a real
// one. As Elasticsearch it is two processes: a shell script, and the Java program that the script starts.
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { candidates, parseSpec } from '../../src/localEngine/spec.js';

const SCRIPT = `#!/bin/sh
"$JAVA_HOME/bin/java" -XX:TieredStopAtLevel=1 "$(dirname "$0")/Engine.java" "$@"
exit $?
`;

// Java, since a JDK is what the user that engines are started as is able to run.
const PROGRAM = `
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;

public class Engine {
  public static void main(String[] arguments) throws Exception {
    int port = 0;
    for (String argument : arguments)
      if (argument.startsWith("-Ehttp.port=")) port = Integer.parseInt(argument.substring(12));
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
    answer(server, "/_nodes", "{\\"nodes\\":{\\"node-1\\":{\\"version\\":\\"3.8.0\\"}}}");
    answer(server, "/_cluster/health", "{\\"status\\":\\"green\\",\\"number_of_nodes\\":1}");
    server.start();
  }

  static void answer(HttpServer server, String path, String body) {
    server.createContext(path, exchange -> {
      exchange.getResponseHeaders().add("content-type", "application/json");
      exchange.sendResponseHeaders(200, body.length());
      exchange.getResponseBody().write(body.getBytes());
      exchange.close();
    });
  }
}
`;

/** Puts it where every version of OpenSearch that may be started is looked for. @param cache for TWINDEX_CACHE */
export async function writeStubDistributions(cache: string): Promise<void> {
  for (const { name, version } of candidates(parseSpec('opensearch'))) {
    for (const suffix of ['', '-with-modules']) {
      const home = join(cache, `${name}-${version}${suffix}`);
      await mkdir(join(home, 'bin'), { recursive: true });
      await mkdir(join(home, 'config'));
      await writeFile(join(home, 'config', 'jvm.options'), '');
      await writeFile(join(home, 'bin', 'Engine.java'), PROGRAM);
      await writeFile(join(home, 'bin', name), SCRIPT);
      await chmod(join(home, 'bin', name), 0o755);
    }
  }
}
