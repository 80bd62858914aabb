package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.kernel.access.Access;
import dev.muster.kernel.home.Listen;
import dev.muster.kernel.http.HostGuard;
import dev.muster.kernel.http.Refusals;
import dev.muster.status.api.ReadGuard;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The admin listener over plain sockets, which send whatever Host and Origin they are told to. */
class AdminDoorTest {
  private static final Pattern LENGTH = Pattern.compile("(?i)\r\nContent-Length: ([0-9]+)\r\n");

  @TempDir static Path folder;
  private static ApplianceFixture appliance;

  @BeforeAll
  static void start() throws IOException {
    appliance = ApplianceFixture.start(folder, Map.of());
  }

  @AfterAll
  static void stop() {
    appliance.close();
  }

  private record Answer(int status, String text) {
    String code() throws IOException {
      String body = text.substring(text.indexOf("\r\n\r\n") + 4);
      return new ObjectMapper().readTree(body).path("error").path("code").asText();
    }
  }

  /**
   * Sends a request and reads to the end of the answer.
   *
   * @param lines everything after the request line, without the last empty one
   */
  private static Answer ask(URI listener, String request, String body, String... lines)
      throws IOException {
    try (Socket socket =
        new Socket(listener.getHost().replaceAll("[\\[\\]]", ""), listener.getPort())) {
      socket.setSoTimeout(Math.toIntExact(TimeUnit.SECONDS.toMillis(20)));
      String head = request + " HTTP/1.1\r\n" + String.join("\r\n", lines);
      String all =
          "%s\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
              .formatted(head, body.length(), body);
      socket.getOutputStream().write(all.getBytes(StandardCharsets.US_ASCII));
      String text = answer(socket.getInputStream());
      assertThat(text).startsWith("HTTP/1.1 ");
      return new Answer(Integer.parseInt(text.substring(9, 12)), text);
    }
  }

  /** The head, which says how long the body is, and the body; the connection may stay open. */
  private static String answer(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      assertThat(next).as("the head goes on after: %s", head).isNotNegative();
      head.append((char) next);
    }
    Matcher length = LENGTH.matcher(head);
    byte[] body =
        length.find() ? in.readNBytes(Integer.parseInt(length.group(1))) : in.readAllBytes();
    return head + new String(body, StandardCharsets.UTF_8);
  }

  private static URI admin() {
    return appliance.admin("/");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "localhost", "LOCALHOST", "[::1]"})
  void namesOfThisMachineAreAnswered(String name) throws IOException {
    for (String host : new String[] {name, name + ":" + admin().getPort()}) {
      assertThat(ask(admin(), "GET /api/v1/status", "", "Host: " + host).status()).isEqualTo(200);
      assertThat(ask(admin(), "GET /", "", "Host: " + host).status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "evil.example:8081",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "localhost:80:80",
        "0.0.0.0",
        "[::2]"
      })
  void otherNamesAreNot(String host) throws IOException {
    for (String path : new String[] {"/", "/api/v1/status", "/metrics", "/api/v1/nothing"}) {
      Answer answer = ask(admin(), "GET " + path, "", "Host: " + host);
      assertThat(answer.status()).as("%s of %s", path, host).isIn(400, 421);
      assertThat(answer.text()).doesNotContain("muster_", "\"region\"");
    }
  }

  @Test
  void aNameElsewhereIsToldWhy() throws IOException {
    Answer answer = ask(admin(), "GET /", "", "Host: evil.example");
    assertThat(answer.status()).isEqualTo(421);
    assertThat(answer.code()).isEqualTo("wrong_host");
  }

  @Test
  void noNameIsNotAnsweredEither() throws IOException {
    assertThat(ask(admin(), "GET /", "", "Accept: */*").status()).isIn(400, 421);
  }

  @Test
  void aListenerOnIpv6IsReachedByItsAddress(@TempDir Path other) throws IOException {
    assumeTrue(
        NetworkInterface.getByInetAddress(InetAddress.ofLiteral("::1")) != null, "no IPv6 here");
    try (ApplianceFixture six = ApplianceFixture.start(other, Map.of("admin", "[::1]:0"))) {
      URI url = six.admin("/");
      assertThat(url.toString()).startsWith("http://[::1]:");
      String host = "Host: " + url.getAuthority();
      assertThat(ask(url, "GET /api/v1/status", "", host).status()).isEqualTo(200);
      assertThat(ask(url, "GET /", "", "Host: evil.example").status()).isEqualTo(421);
    }
  }

  @Test
  void nothingIsChangedWithoutAToken() throws IOException {
    String host = "Host: " + admin().getAuthority();
    for (String request :
        new String[] {
          "POST /api/v1/pauses",
          "POST /api/v1/tokens",
          "DELETE /api/v1/pauses/all",
          "POST /api/v1/runners/muster-0123456789bc/termination",
          "POST /api/v1/jobs/1/retry"
        }) {
      Answer answer = ask(admin(), request, "{\"scope\":\"all\"}", host);
      assertThat(answer.status()).as(request).isEqualTo(401);
      assertThat(answer.code()).isEqualTo("token_required");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Origin: http://evil.example, 403",
    "Origin: null, 403",
    "Origin: http://127.0.0.1:1, 403",
    "Origin: not an address, 403",
    "Sec-Fetch-Site: cross-site, 403",
    "Sec-Fetch-Site: same-site, 403",
    "Sec-Fetch-Site: same-origin, 200",
    "Origin: http://HERE, 200",
    "Accept: */*, 200"
  })
  void aTokenThatABrowserSendsAlongDoesNotServeOtherPages(String header, int status)
      throws IOException {
    String here = admin().getAuthority();
    Answer answer =
        ask(
            admin(),
            "POST /api/v1/pauses",
            "{\"scope\":\"all\",\"name\":\"\"}",
            "Host: " + here,
            "Content-Type: text/plain", // what a form can send without being asked
            "Authorization: Basic " + basic(appliance.token()),
            header.replace("HERE", here));
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    if (status == 403) {
      assertThat(answer.code()).isEqualTo("cross_origin");
    }
  }

  @Test
  void personAtAMistypedAddressGetsAPageAndAProgramTheProblem() throws IOException {
    String host = "Host: " + admin().getAuthority();
    String browser = "Accept: text/html,application/xhtml+xml,*/*;q=0.8";
    for (String path : new String[] {"/jobz", "/jobs/1/2", "/github/apps", "/%3Cscript%3E"}) {
      Answer page = ask(admin(), "GET " + path, "", host, browser);
      assertThat(page.status()).as(path).isEqualTo(404);
      assertThat(page.text())
          .contains("Content-Type: text/html", "Content-Security-Policy: ")
          .contains("There is nothing at /", "Back to the overview")
          .doesNotContain("<script>");
    }
    for (Answer problem :
        new Answer[] {
          ask(admin(), "GET /jobz", "", host, "Accept: */*"),
          ask(admin(), "GET /jobz", "", host),
          ask(admin(), "POST /jobz", "", host, browser),
          ask(admin(), "GET /api/v1/jobz", "", host, browser),
          ask(admin(), "GET /api/nothing", "", host, browser)
        }) {
      assertThat(problem.status()).as(problem.text()).isEqualTo(404);
      assertThat(problem.code()).isEqualTo("not_found");
    }
    for (String path : new String[] {"/github/app", "/jobs", "/metrics", "/healthz"}) {
      assertThat(ask(admin(), "GET " + path, "", host, browser).status()).as(path).isEqualTo(200);
    }
  }

  @Test
  void listenersThatMoreThanThisMachineReachesWantATokenForReading() {
    Access access = new Access(appliance.appliance().database(), "local");
    for (String host : new String[] {"0.0.0.0", "::", "192.0.2.1"}) {
      assertThat(ApplianceListeners.readGuard(new Listen(host, 8081), access))
          .as(host)
          .isInstanceOf(ReadGuard.class);
    }
    for (String host : new String[] {"127.0.0.1", "::1", "localhost", "127.1.2.3"}) {
      assertThat(ApplianceListeners.readGuard(new Listen(host, 8081), access))
          .as(host)
          .isInstanceOf(HostGuard.class);
    }
  }

  @Test
  void readingThereNeedsATokenInWhateverForm() throws Exception {
    String read = token().path("token").asText();
    JsonNode revoked = token();
    change("DELETE /api/v1/tokens/" + revoked.path("id").asText(), "");
    WebServer server = guarded();
    try {
      URI url = URI.create("http://127.0.0.1:" + server.port() + "/");
      String host = "Host: muster.example";
      assertThat(ask(url, "GET /healthz", "", host).status()).isEqualTo(200);
      for (String path : new String[] {"/", "/api/v1/status", "/nothing", "/healthz/"}) {
        Answer answer = ask(url, "GET " + path, "", host);
        assertThat(answer.status()).as(path).isEqualTo(401);
        assertThat(answer.code()).isEqualTo("token_required");
        assertThat(answer.text()).contains("WWW-Authenticate: Basic");
      }
      for (String good : new String[] {"Bearer " + read, "Basic " + basic(read)}) {
        Answer answer = ask(url, "GET /", "", host, "Authorization: " + good);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
      }
      for (String bad :
          new String[] {
            "Bearer " + revoked.path("token").asText(),
            "Bearer",
            "Bearer x",
            "Basic !",
            "Basic " + basic("")
          }) {
        Answer answer = ask(url, "GET /", "", host, "Authorization: " + bad);
        assertThat(answer.status()).as(bad).isEqualTo(401);
      }
    } finally {
      server.stop();
    }
  }

  /** What a listener beyond loopback is guarded by, on loopback. */
  private static WebServer guarded() {
    HttpRouting.Builder routing =
        HttpRouting.builder()
            .addFilter(new ReadGuard(new Access(appliance.appliance().database(), "local")))
            .get("/", (request, response) -> response.send("seen"))
            .get("/healthz", (request, response) -> response.send("well"));
    Refusals.addTo(routing);
    return WebServer.builder()
        .host("127.0.0.1")
        .port(0)
        .shutdownHook(false)
        .routing(routing)
        .build()
        .start();
  }

  private static JsonNode token() throws IOException {
    String text = change("POST /api/v1/tokens", "{\"name\":\"a reader\",\"role\":\"read\"}").text();
    return new ObjectMapper().readTree(text.substring(text.indexOf("\r\n\r\n") + 4));
  }

  private static Answer change(String request, String body) throws IOException {
    String token = "Authorization: Bearer " + appliance.token();
    Answer answer = ask(admin(), request, body, "Host: " + admin().getAuthority(), token);
    assertThat(answer.status()).as(answer.text()).isBetween(200, 204);
    return answer;
  }

  private static String basic(String token) {
    return Base64.getEncoder().encodeToString(("ada:" + token).getBytes(StandardCharsets.UTF_8));
  }
}
