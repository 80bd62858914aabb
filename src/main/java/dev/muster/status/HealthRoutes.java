package dev.muster.status;

import dev.muster.kernel.http.ErrorBody;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Optional;

/** {@code /healthz} and {@code /readyz}. */
public final class HealthRoutes implements HttpService {
  private final Health health;

  public HealthRoutes(Health health) {
    this.health = health;
  }

  @Override
  public void routing(HttpRules rules) {
    rules.get("/healthz", HealthRoutes::alive).get("/readyz", this::ready);
  }

  private static void alive(ServerRequest request, ServerResponse response) {
    response.send("ok\n");
  }

  private void ready(ServerRequest request, ServerResponse response) {
    Optional<String> reason = health.unready();
    if (reason.isEmpty()) {
      response.send("ready\n");
    } else {
      new ErrorBody(503, "not_ready", reason.get()).send(response, 5);
    }
  }
}
