package dev.muster.agentlink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.protocol.AgentApi;
import dev.muster.agent.protocol.EnrollRequest;
import dev.muster.agent.protocol.Instruction;
import dev.muster.agent.protocol.LogChunk;
import dev.muster.agent.protocol.Report;
import dev.muster.agent.protocol.ReportReply;
import dev.muster.agent.protocol.SessionGrant;
import dev.muster.agent.protocol.SessionRequest;
import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.http.BodyReader;
import dev.muster.kernel.http.Refusals;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AgentRoutesTest {
  private static final String WISH =
      """
      {"launch": "launch-1", "secret": "a-guess", "instance": "i-1", "boot": "boot-1",
       "os": "linux", "arch": "amd64", "version": "1"}
      """;

  private final Logger logger = Logger.getLogger(AgentRoutes.class.getName());
  private final VirtualTime time = new VirtualTime("2026-03-04T05:06:07Z");
  private final List<String> said = new CopyOnWriteArrayList<>();
  private final Handler handler = new Keeper();
  private final HttpClient client = HttpClient.newHttpClient();
  private WebServer server;

  private final class Keeper extends Handler {
    @Override
    public void publish(LogRecord event) {
      said.add(event.getLevel() + " " + event.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  /** Refuses whoever comes. */
  private static final class Shut implements AgentDesk {
    @Override
    public Enrolment enroll(EnrollRequest request) {
      return new Enrolment.Refused("the secret of " + request.launch() + " is wrong");
    }

    @Override
    public Optional<AgentSession> session(String credential) {
      return Optional.empty();
    }

    @Override
    public Optional<SessionGrant> renew(AgentSession session, SessionRequest request) {
      throw new AssertionError("Nobody has a session");
    }

    @Override
    public Optional<Instruction> poll(AgentSession session, Duration patience) {
      throw new AssertionError("Nobody has a session");
    }

    @Override
    public ReportReply report(AgentSession session, Report report) {
      throw new AssertionError("Nobody has a session");
    }

    @Override
    public void log(AgentSession session, LogChunk chunk) {
      throw new AssertionError("Nobody has a session");
    }
  }

  @BeforeEach
  void serve() {
    logger.addHandler(handler);
    BodyReader bodies = new BodyReader(8 << 20, Duration.ofSeconds(10), time);
    HttpRouting.Builder routing =
        HttpRouting.builder().register("/", new AgentRoutes(new Shut(), bodies, time));
    Refusals.addTo(routing);
    server = WebServer.builder().host("127.0.0.1").port(0).routing(routing).build().start();
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop();
    logger.removeHandler(handler);
  }

  private void refusedEnrolment() throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:%d%s".formatted(server.port(), AgentApi.ENROLL)))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(WISH))
            .build();
    HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(401);
  }

  @Test
  void strangersCauseOneLineAMinuteThatSaysHowManyTheyWere() throws Exception {
    for (int i = 0; i < 40; i++) {
      refusedEnrolment();
    }
    String line = "WARNING An enrolment was refused: the secret of launch-1 is wrong";
    assertThat(said).containsExactly(line);
    time.pass(Duration.ofSeconds(60));
    refusedEnrolment();
    refusedEnrolment();
    assertThat(said).containsExactly(line, line + " (39 more since the last that was said)");
    time.pass(Duration.ofHours(1));
    refusedEnrolment();
    assertThat(said).hasSize(3).last().isEqualTo(line + " (1 more since the last that was said)");
  }
}
