package dev.muster.status.api;

import dev.muster.kernel.access.Access;
import dev.muster.kernel.access.Role;
import dev.muster.kernel.http.HttpProblem;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.Set;

/**
 * Wants a token with the role {@code read} for everything but the health checks: for an admin
 * listener that more than this machine reaches. A browser asks for it as a password.
 */
public final class ReadGuard implements Filter {
  private static final Set<String> OPEN = Set.of("/healthz", "/readyz");

  private final Access access;

  public ReadGuard(Access access) {
    this.access = access;
  }

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    if (!OPEN.contains(request.path().path())) {
      try {
        access.requireSomewhere(
            request.headers().first(HeaderNames.AUTHORIZATION).orElse(null), Role.READ);
      } catch (HttpProblem e) {
        if (e.body().status() == 401) {
          response.header(
              HeaderValues.create(
                  HeaderNames.WWW_AUTHENTICATE, "Basic realm=\"Muster: token as the password\""));
        }
        throw e;
      }
    }
    chain.proceed();
  }
}
