package dev.muster.kernel.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.webserver.WebServer;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose word about the transport counts: that of the proxies which the settings name. */
class TransportGuardTest {
  private static final Set<InetAddress> HERE = Set.of(InetAddress.getLoopbackAddress());

  @ParameterizedTest(name = "proxied {0}, forwarded as {1}, {2}: {3}")
  @CsvSource({
    "true,  https, /agent/enrol, 200",
    "true,  HTTPS, /agent/enrol, 200",
    "true,  http,  /agent/enrol, 403",
    "true,  '',    /agent/enrol, 403",
    "true,  http,  /webhooks/x,  200",
    "false, '',    /agent/enrol, 200",
    "false, http,  /agent/enrol, 200",
  })
  void credentialsNeedTlsAsFarAsTheProxy(
      boolean proxied, String forwarded, String path, int expected) throws Exception {
    WebServer server =
        WebServer.builder()
            .host("127.0.0.1")
            .shutdownHook(false)
            .routing(routing -> {
              routing
                  .addFilter(new TransportGuard(List.of("/agent/"), proxied ? HERE : Set.of()))
                  .get(path, (request, response) -> response.send("served"));
              Refusals.addTo(routing);
            })
            .build()
            .start();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
      if (!forwarded.isEmpty()) {
        request.header("X-Forwarded-Proto", forwarded);
      }
      HttpResponse<String> answer =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(expected);
      assertThat(answer.body()).contains(expected == 200 ? "served" : "tls_required");
    } finally {
      server.stop();
    }
  }
}
