package dev.muster.cli.bench;

import dev.muster.kernel.http.Signature;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.URI;
import java.util.List;

/**
 * The least that a door for signed deliveries can be: it checks the signature and brings the body
 * to a bare file.
 */
final class RawDoorRoutes implements HttpService {
  private final RawFile file;
  private final List<String> secrets;

  private RawDoorRoutes(RawFile file, String secret) {
    this.file = file;
    this.secrets = List.of(secret);
  }

  /** A door on this machine. */
  record Served(URI url, WebServer server) implements AutoCloseable {
    @Override
    public void close() {
      server.stop();
    }
  }

  static Served serve(RawFile file, String secret) {
    WebServer server =
        WebServer.builder()
            .host("127.0.0.1")
            .port(0)
            .shutdownHook(false)
            .routing(routing -> routing.register(new RawDoorRoutes(file, secret)))
            .build()
            .start();
    return new Served(URI.create("http://127.0.0.1:" + server.port()), server);
  }

  @Override
  public void routing(HttpRules rules) {
    rules.post("/webhooks/github", this::take);
  }

  private void take(ServerRequest request, ServerResponse response) throws InterruptedException {
    byte[] body = request.content().as(byte[].class);
    String signature = request.headers().get(HeaderNames.create("X-Hub-Signature-256")).get();
    if (!Signature.holds(signature, body, secrets)) {
      response.status(Status.UNAUTHORIZED_401).send();
      return;
    }
    file.append(body);
    response.status(Status.ACCEPTED_202).send();
  }
}
