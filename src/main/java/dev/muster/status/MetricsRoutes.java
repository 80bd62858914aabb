package dev.muster.status;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** {@code GET /metrics}. */
public final class MetricsRoutes implements HttpService {
  private final Metrics metrics;

  public MetricsRoutes(Metrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public void routing(HttpRules rules) {
    rules.get("/metrics", this::scrape);
  }

  private void scrape(ServerRequest request, ServerResponse response) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try {
      metrics.write(text);
    } catch (IOException e) {
      throw new UncheckedIOException("Writing to memory cannot fail", e);
    }
    response.header(HeaderValues.create(HeaderNames.CONTENT_TYPE, Metrics.CONTENT_TYPE));
    response.send(text.toByteArray());
  }
}
