package dev.muster.kernel.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.net.URI;
import java.util.Optional;
import java.util.Set;

/**
 * Refuses changes that a web page elsewhere asks a browser for: a browser that was once given a
 * token as a password sends it along, whoever asks. What is no browser sends no origin and passes.
 */
public final class OriginGuard implements Filter {
  private static final Set<Method> READING = Set.of(Method.GET, Method.HEAD, Method.OPTIONS);
  private static final Set<String> OURS = Set.of("same-origin", "none");

  private final String guarded;

  /**
   * @param guarded the beginning of the paths where the browser's own credentials count
   */
  public OriginGuard(String guarded) {
    this.guarded = guarded;
  }

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    if (!READING.contains(request.prologue().method())
        && request.path().path().startsWith(guarded)
        && foreign(request)) {
      throw new HttpProblem(
          new ErrorBody(
              403,
              "cross_origin",
              "A web page elsewhere asked for this change",
              "Use the status page, or the command line"));
    }
    chain.proceed();
  }

  /** The browser's word where it gives one, as a proxy may change the host; else the origin. */
  private static boolean foreign(RoutingRequest request) {
    Optional<String> site = request.headers().first(HeaderNames.create("Sec-Fetch-Site"));
    if (site.isPresent()) {
      return !OURS.contains(site.get());
    }
    String host = request.headers().first(HeaderNames.HOST).orElse("");
    return request
        .headers()
        .first(HeaderNames.ORIGIN)
        .filter(origin -> !host.equalsIgnoreCase(authority(origin)))
        .isPresent();
  }

  private static String authority(String origin) {
    try {
      return String.valueOf(URI.create(origin).getRawAuthority());
    } catch (IllegalArgumentException e) {
      return origin; // no address at all, so not ours
    }
  }
}
