package dev.muster.sandbox;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.util.Optional;

/**
 * What a {@link SandboxRunner} calls: the sandbox's own protocol, in plain text where the runner,
 * which has no JSON reader, is the one who reads.
 */
final class SandboxRunnerRoutes implements HttpService {
  private static final Duration POLL = Duration.ofSeconds(20);
  private static final String BEARER = "Bearer ";

  private final SandboxModel model;

  SandboxRunnerRoutes(SandboxModel model) {
    this.model = model;
  }

  @Override
  public void routing(HttpRules rules) {
    rules
        .get("/{id}/job", this::job)
        .post("/{id}/alive", this::alive)
        .post("/{id}/done/{conclusion}", this::done);
  }

  /** 200 with a job, 204 while there is none, 410 once the registration is gone. */
  private void job(ServerRequest request, ServerResponse response) throws InterruptedException {
    Optional<SandboxJob> job = model.poll(id(request), secret(request), POLL);
    if (job.isEmpty()) {
      response.status(Status.NO_CONTENT_204).send();
      return;
    }
    response.header(HeaderValues.CONTENT_TYPE_TEXT_PLAIN);
    response.send(new SandboxWire(job.get().name(), job.get().steps()).encode());
  }

  private void alive(ServerRequest request, ServerResponse response) {
    model.alive(id(request), secret(request));
    response.status(Status.NO_CONTENT_204).send();
  }

  private void done(ServerRequest request, ServerResponse response) {
    String conclusion = request.path().pathParameters().get("conclusion");
    model.done(id(request), secret(request), conclusion);
    response.status(Status.NO_CONTENT_204).send();
  }

  private static long id(ServerRequest request) {
    return Long.parseLong(request.path().pathParameters().get("id"));
  }

  private static String secret(ServerRequest request) {
    return request
        .headers()
        .first(HeaderNames.AUTHORIZATION)
        .filter(value -> value.startsWith(BEARER))
        .map(value -> value.substring(BEARER.length()))
        .orElse("");
  }
}
