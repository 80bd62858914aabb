package dev.muster.status.api;

import dev.muster.kernel.access.Access;
import dev.muster.kernel.access.Principal;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Lets a token that is good for one environment reach nothing but what can tell environments apart:
 * a new route is refused to it until somebody adds the route here. What is on the list shows and
 * changes no more than that environment's own.
 */
public final class EnvironmentGuard implements Filter {
  /** Methods and paths. */
  static final List<Pattern> OPEN =
      List.of(
          Pattern.compile("GET /(healthz|readyz)"),
          Pattern.compile("GET /api/v1/openapi\\.json"),
          Pattern.compile("GET /api/v1/(cost|environments)"),
          Pattern.compile("GET /api/v1/(jobs|pools|runners)(/[^/]+)?"),
          Pattern.compile("POST /api/v1/pauses"),
          Pattern.compile("DELETE /api/v1/pauses/[^/]+(/[^/]+)?"),
          Pattern.compile("POST /api/v1/runners/[^/]+/termination"),
          Pattern.compile("POST /api/v1/jobs/[^/]+/retry"));

  private final Access access;

  public EnvironmentGuard(Access access) {
    this.access = access;
  }

  /** The environment that a request may see; empty where it may see all. */
  record Limit(String environment) {
    static Optional<String> of(ServerRequest request) {
      return request.context().get(Limit.class).map(Limit::environment);
    }
  }

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    Optional<Principal> limited =
        access
            .principal(request.headers().first(HeaderNames.AUTHORIZATION).orElse(null))
            .filter(principal -> principal.environment().isPresent());
    if (limited.isPresent()) {
      String environment = limited.get().environment().orElseThrow();
      String wanted = request.prologue().method().text() + " " + request.path().path();
      if (OPEN.stream().noneMatch(open -> open.matcher(wanted).matches())) {
        throw Access.beyond(limited.get(), environment);
      }
      request.context().register(new Limit(environment));
    }
    chain.proceed();
  }
}
