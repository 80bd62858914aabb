package dev.muster.status.page;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerResponse;
import java.net.URI;

/** How every page leaves: never kept, never framed, and with nothing but ours on it. */
final class HtmlRoutes {
  static final Header NOT_SNIFFED = HeaderValues.createCached("X-Content-Type-Options", "nosniff");
  private static final Header HTML =
      HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "text/html; charset=utf-8");
  private static final Header NO_REFERRER =
      HeaderValues.createCached("Referrer-Policy", "no-referrer");
  private static final Header NOT_KEPT =
      HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-store");

  private HtmlRoutes() {}

  static void send(ServerResponse response, String html) {
    send(response, html, "'self'");
  }

  /** A page with a form that goes to another site. */
  static void sendWithFormTo(ServerResponse response, URI action, String html) {
    send(response, html, "'self' " + action.getScheme() + "://" + action.getAuthority());
  }

  private static void send(ServerResponse response, String html, String forms) {
    response.header(HTML);
    response.header(
        HeaderValues.create(
            "Content-Security-Policy",
            "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action " + forms));
    response.header(NOT_SNIFFED);
    response.header(NO_REFERRER);
    response.header(NOT_KEPT);
    response.send(html);
  }
}
