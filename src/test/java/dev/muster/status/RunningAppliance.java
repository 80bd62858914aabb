package dev.muster.status;

import dev.muster.Appliance;
import dev.muster.Surroundings;
import dev.muster.cli.tools.LocalRunners;
import dev.muster.fixture.TestPrograms;
import dev.muster.kernel.clock.SystemTimers;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.Settings;
import dev.muster.sandbox.SandboxApp;
import dev.muster.sandbox.SandboxGitHub;
import dev.muster.sandbox.SandboxSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * An appliance on free ports, with the sandbox as GitHub and a config in a repository beside it.
 */
final class RunningAppliance implements AutoCloseable {
  private final Path config;
  private final SandboxGitHub sandbox;
  private final SystemTimers timers;
  private final Appliance appliance;
  private final HttpClient http = HttpClient.newHttpClient();

  private RunningAppliance(
      Path config, SandboxGitHub sandbox, SystemTimers timers, Appliance appliance) {
    this.config = config;
    this.sandbox = sandbox;
    this.timers = timers;
    this.appliance = appliance;
  }

  /**
   * Starts one.
   *
   * @param configured whether there is a config repository, or the embedded one, empty
   */
  static RunningAppliance start(Path folder, boolean configured) throws Exception {
    Home home = new Home(folder.resolve("home"));
    home.create();
    InstantSource clock = InstantSource.system();
    SandboxApp app = SandboxApp.generate(1);
    String key = app.privateKeyPem().lines().map(l -> "  " + l).collect(Collectors.joining("\n"));
    Home.writePrivately(
        home.secrets(),
        ("github-app-key: |\n" + key + "\ngithub-webhook: \"" + app.webhookSecret() + "\"\n")
            .getBytes(StandardCharsets.UTF_8));
    SandboxGitHub sandbox = SandboxGitHub.start(SandboxSettings.DEFAULT, app, clock);
    Path config = folder.resolve("config");
    Map<String, String> settings =
        configured
            ? Map.of(
                "listen", "127.0.0.1:0",
                "admin", "127.0.0.1:0",
                "trace_url", "https://traces.example.com/trace/{trace_id}",
                "config_url", config.toUri().toString())
            : Map.of("listen", "127.0.0.1:0", "admin", "127.0.0.1:0");
    if (configured) {
      Files.createDirectories(config);
      git(config, "init", "--quiet", "--initial-branch=main");
      commit(config, "Runners on this machine, pools by office hours", config(folder, sandbox));
    }
    SystemTimers timers = new SystemTimers(clock);
    Appliance appliance =
        Appliance.start(
            home,
            Settings.read(home, settings, Map.of()),
            new Surroundings(
                clock,
                timers,
                new SecureRandom(),
                Map.of(),
                file ->
                    TestPrograms.java(
                        "dev.muster.agent.linux.AgentMain", "--config", file.toString()),
                "1.2.3",
                Map.of()));
    sandbox.sendWebhooksTo(appliance.running().publicUrl().resolve("/webhooks/github"));
    return new RunningAppliance(config, sandbox, timers, appliance);
  }

  SandboxGitHub sandbox() {
    return sandbox;
  }

  URI admin() {
    return appliance.running().adminUrl();
  }

  String adminToken() {
    return appliance.firstToken().orElseThrow().value();
  }

  /** Commits another config and tells the appliance by a webhook. */
  void push(String message, String content) throws Exception {
    commit(config, message, content);
    sandbox.push("acme/config", "main", "0".repeat(40));
  }

  /** The answer to a GET. */
  HttpResponse<String> get(String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(admin().resolve(path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** The answer to a POST of a form. */
  HttpResponse<String> post(String path, String form) throws Exception {
    return http.send(
        HttpRequest.newBuilder(admin().resolve(path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static void commit(Path folder, String message, String content) throws Exception {
    Files.writeString(folder.resolve("muster.yml"), content);
    git(folder, "add", "muster.yml");
    git(folder, "commit", "--quiet", "--message", message);
  }

  private static void git(Path folder, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of("-c", "user.name=Ana Lind", "-c", "user.email=ana@example.com"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(20, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new AssertionError(String.join(" ", command) + ": " + output);
    }
  }

  private static String config(Path folder, SandboxGitHub sandbox) throws IOException {
    Path script = TestPrograms.runner(folder);
    LocalTime hour = LocalTime.now(ZoneId.of("Europe/Berlin")).truncatedTo(ChronoUnit.HOURS);
    return """
    version: "1"
    defaults: { provider: local, time_zone: Europe/Berlin }
    github:
      api_url: %s
      app: { id: %d, private_key: { secret: github-app-key } }
      webhook_secret: { secret: github-webhook }
    environments: { default: { budget: { monthly_usd: 100, hold_at_percent: 120 } } }
    runners:
      - { name: here, provider: local, slots: 3, command: [%s] }
      - { name: elsewhere, provider: local, slots: 12, command: [%s] }
    pools:
      - { name: default, runner: here, desired_running: 0, max: 3 }
      - name: office
        runner: elsewhere
        desired_running: 0
        desired_stopped: 0
        max: 12
        schedules:
          - { name: early, start: "%s", end: "%s", desired_running: 3, desired_stopped: 4 }
          - { name: late, start: "%s", end: "%s", desired_running: 6, desired_stopped: 2 }
          - { name: nightly-builds, start: "%s", end: "%s", desired_running: 8, desired_stopped: 0 }
    """
        .formatted(
            sandbox.url(),
            sandbox.app().id(),
            script,
            script,
            hour.plusHours(3),
            hour.plusHours(8),
            hour.plusHours(8),
            hour.plusHours(13),
            hour.plusHours(17),
            hour.plusHours(21));
  }

  @Override
  public void close() throws IOException {
    appliance.close();
    LocalRunners.end(config.resolveSibling("home"));
    timers.close();
    sandbox.close();
    http.close();
  }
}
