package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.agent.protocol.AgentApi;
import dev.muster.fleet.runner.Launch;
import dev.muster.fleet.runner.LaunchId;
import dev.muster.fleet.runner.LaunchStore;
import dev.muster.kernel.home.Home;
import dev.muster.sandbox.SandboxApp;
import dev.muster.sandbox.SandboxGitHub;
import dev.muster.sandbox.SandboxSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agents' door over real HTTP: what is not theirs opens nothing and disturbs nothing. */
class AgentDoorTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String JOB =
      """
      {"action": "queued", "repository": {"full_name": "acme/hello", "private": true},
       "workflow_job": {"id": 7, "run_id": 1, "name": "build", "labels": ["muster/runner=here"],
         "created_at": "2026-03-01T12:00:00Z"}}
      """;

  @TempDir private Path folder;
  private ApplianceFixture appliance;
  private JsonNode machine;

  @BeforeEach
  void launchOne() throws IOException, InterruptedException {
    appliance = ApplianceFixture.start(folder, Map.of(), List.of("/bin/sleep", "300")).configured();
    byte[] body = JOB.getBytes(StandardCharsets.UTF_8);
    appliance.send(appliance.delivery("delivery-1", "workflow_job", body).build());
    machine = JSON.readTree(awaitConfig().toFile());
  }

  @AfterEach
  void close() {
    appliance.close();
  }

  @Test
  void onlyTheMachinesOwnSecretEnrolsItAndOnlyOnce() throws IOException, InterruptedException {
    String launch = machine.path("launch").textValue();
    String secret = machine.path("secret").textValue();
    String instance = machine.path("instance").textValue();

    refused(enrol(launch, "forged".repeat(8), instance));
    refused(enrol("launch-0000000000000000", secret, instance));
    refused(enrol("no launch at all", secret, instance));
    refused(enrol(launch, secret, "another-machine"));

    HttpResponse<String> granted = enrol(launch, secret, instance);
    assertThat(granted.statusCode()).as(granted.body()).isEqualTo(200);
    assertThat(granted.headers().firstValue("Cache-Control")).contains("no-store");
    refused(enrol(launch, secret, instance));

    for (String token : List.of("forged", secret, "", "x".repeat(1_000))) {
      refused(appliance.send(poll(token)));
      refused(appliance.send(post(AgentApi.SESSION, "{\"boot\": \"boot-2\"}", token)));
      refused(appliance.send(post(AgentApi.REPORT, "{}", token)));
      refused(appliance.send(post(AgentApi.LOG, "{}", token)));
    }
    String session = JSON.readTree(granted.body()).path("session").textValue();
    assertThat(appliance.send(poll(session)).statusCode()).isIn(200, 204);
  }

  @Test
  void credentialThatIsCutDownToReportingDoesNothingElse()
      throws IOException, InterruptedException {
    SandboxApp app = SandboxApp.generate(1);
    try (SandboxGitHub github =
        SandboxGitHub.start(SandboxSettings.DEFAULT, app, InstantSource.system())) {
      knowApp(github);
      String launch = machine.path("launch").textValue();
      String secret = machine.path("secret").textValue();
      String instance = machine.path("instance").textValue();
      String session =
          JSON.readTree(enrol(launch, secret, instance).body()).path("session").asText();
      HttpResponse<String> assigned = appliance.send(poll(session, 20));
      assertThat(assigned.statusCode()).as(assigned.body()).isEqualTo(200);
      String token = JSON.readTree(assigned.body()).path("reportToken").asText();

      HttpResponse<String> starting =
          appliance.send(post(AgentApi.REPORT, report(1, "STARTING"), token));
      assertThat(starting.statusCode()).as(starting.body()).isEqualTo(200);
      reportingOnly(appliance.send(poll(token)));
      reportingOnly(appliance.send(post(AgentApi.SESSION, "{\"boot\": \"boot-1\"}", token)));
      refused(appliance.send(poll(session)));
      refused(enrol(launch, secret, instance));
      for (URI elsewhere :
          List.of(
              appliance.url("/git/config.git/info/refs?service=git-upload-pack"),
              appliance.admin("/api/v1/checks"),
              appliance.admin("/api/v1/tokens"))) {
        HttpRequest request =
            HttpRequest.newBuilder(elsewhere).header("Authorization", "Bearer " + token).build();
        assertThat(appliance.send(request).statusCode()).as("%s", elsewhere).isEqualTo(401);
      }
      String chunk = "{\"seq\": 1, \"text\": \"a line of output\\n\"}";
      HttpResponse<String> kept = appliance.send(post(AgentApi.LOG, chunk, token));
      assertThat(kept.statusCode()).as(kept.body()).isEqualTo(204);
      assertThat(shownOutput()).isEqualTo("a line of output\n");
      HttpResponse<String> running =
          appliance.send(post(AgentApi.REPORT, report(2, "RUNNING"), token));
      assertThat(running.statusCode()).as(running.body()).isEqualTo(200);
    }
  }

  /** What the API shows of the one runner's output. */
  private String shownOutput() throws IOException, InterruptedException {
    String list =
        appliance.send(HttpRequest.newBuilder(appliance.admin("/api/v1/runners")).build()).body();
    String id = JSON.readTree(list).path("runners").path(0).path("id").asText();
    String runner =
        appliance
            .send(HttpRequest.newBuilder(appliance.admin("/api/v1/runners/" + id)).build())
            .body();
    return JSON.readTree(runner).path("log").asText();
  }

  /** Runners can be registered from now on. */
  private void knowApp(SandboxGitHub github) throws IOException, InterruptedException {
    String key =
        github.privateKeyPem().lines().map(l -> "  " + l).collect(Collectors.joining("\n"));
    String secrets =
        "newer: \"%s\"\nolder: \"%s\"\napp: |\n%s\n"
            .formatted(ApplianceFixture.SECRET, ApplianceFixture.OLDER, key);
    Home.writePrivately(appliance.home().secrets(), secrets.getBytes(StandardCharsets.UTF_8));
    String config =
        ApplianceFixture.CONFIG.replace(
            "github: {",
            "github: { api_url: \"%s\", app: { id: 1, private_key: { secret: app } },"
                .formatted(github.url()));
    Path work = folder.resolve("first");
    appliance.commit(work, config);
    ApplianceFixture.Said said = appliance.push(work, appliance.token(), "HEAD:refs/heads/main");
    assertThat(said.exitCode()).as(said.text()).isZero();
  }

  private static void reportingOnly(HttpResponse<String> answer) throws IOException {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
    assertThat(JSON.readTree(answer.body()).path("error").path("code").textValue())
        .isEqualTo("reporting_only");
  }

  private static String report(int sequence, String phase) {
    return "{\"seq\": %d, \"phase\": \"%s\", \"at\": \"2026-03-01T12:00:00Z\"}"
        .formatted(sequence, phase);
  }

  @Test
  void secretOfALaunchExpires() throws IOException, InterruptedException {
    LaunchId launch = new LaunchId(machine.path("launch").textValue());
    Instant until = Instant.now().plusSeconds(20);
    while (!answered(launch)) { // the time runs from then on
      assertThat(Instant.now()).as("the provider's answer is kept").isBefore(until);
    }
    appliance.pass(Duration.ofMinutes(16));
    refused(
        enrol(
            machine.path("launch").textValue(),
            machine.path("secret").textValue(),
            machine.path("instance").textValue()));
  }

  private boolean answered(LaunchId launch) {
    return appliance
        .appliance()
        .database()
        .read(read -> LaunchStore.find(read, launch))
        .filter(found -> found.state() == Launch.State.ANSWERED)
        .isPresent();
  }

  private Path awaitConfig() throws IOException {
    Path live = appliance.home().runners().resolve("live");
    Instant until = Instant.now().plusSeconds(20);
    while (true) {
      assertThat(Instant.now()).as("a machine in %s", live).isBefore(until);
      if (!Files.isDirectory(live)) {
        continue;
      }
      try (Stream<Path> machines = Files.list(live)) {
        List<Path> started =
            machines.filter(m -> Files.exists(m.resolve("instance.json"))).toList();
        if (!started.isEmpty()) {
          return started.getFirst().resolve("agent.json");
        }
      }
    }
  }

  /** Enrols, asking again while the launch is not settled. */
  private HttpResponse<String> enrol(String launch, String secret, String instance)
      throws IOException, InterruptedException {
    String body =
        JSON.writeValueAsString(
            Map.of(
                "launch", launch,
                "secret", secret,
                "instance", instance,
                "boot", "boot-1",
                "os", "linux",
                "arch", "amd64",
                "version", "1"));
    Instant until = Instant.now().plusSeconds(20);
    HttpResponse<String> answer = appliance.send(post(AgentApi.ENROLL, body, ""));
    while (answer.statusCode() == 503) {
      assertThat(Instant.now()).as(answer.body()).isBefore(until);
      answer = appliance.send(post(AgentApi.ENROLL, body, ""));
    }
    return answer;
  }

  private HttpRequest poll(String token) {
    return poll(token, 0);
  }

  private HttpRequest poll(String token, int seconds) {
    return HttpRequest.newBuilder(appliance.url(AgentApi.POLL + "?wait=" + seconds))
        .header("Authorization", "Bearer " + token)
        .build();
  }

  private HttpRequest post(String path, String body, String token) {
    return HttpRequest.newBuilder(appliance.url(path))
        .header("Authorization", "Bearer " + token)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private static void refused(HttpResponse<String> answer) throws IOException {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(401);
    JsonNode body = JSON.readTree(answer.body());
    assertThat(body.path("error").path("code").textValue()).isEqualTo("refused");
  }
}
