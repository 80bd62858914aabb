package dev.muster.kernel.http;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.Locale;
import java.util.Set;

/**
 * Lets requests to a loopback listener through only when they name this machine: a web page
 * elsewhere whose name was made to point here (DNS rebinding) names itself.
 */
public final class HostGuard implements Filter {
  private static final Set<String> OURS = Set.of("localhost", "127.0.0.1", "[::1]");

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    String host = request.headers().first(HeaderNames.HOST).orElse("");
    String name = host.replaceFirst(":[0-9]+$", "").toLowerCase(Locale.ROOT);
    if (!OURS.contains(name)) {
      throw new HttpProblem(
          new ErrorBody(
              421,
              "wrong_host",
              "This listener answers only to localhost, not to '" + name + "'",
              "Open it as http://127.0.0.1"));
    }
    chain.proceed();
  }
}
