package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.cli.tools.LocalRunners;
import dev.muster.kernel.clock.SystemTimers;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.Settings;
import dev.muster.kernel.http.Signature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** A whole appliance in a folder of the test's own, and what its visitors do. */
public final class ApplianceFixture implements AutoCloseable {
  public static final String SECRET = "the newer secret";
  public static final String OLDER = "the older secret";
  public static final String CONFIG =
      """
      version: "1"
      defaults: { provider: local }
      github: { webhook_secret: [{ secret: newer }, { secret: older }] }
      runners:
        - { name: here, provider: local, slots: 1, command: [/bin/true] }
      environments: { default: { allow: { forks: true } } } # there is no GitHub to ask
      """;

  /** What git said. */
  public record Said(int exitCode, String text) {}

  private final Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private volatile Duration ahead = Duration.ZERO;
  private final InstantSource clock = () -> Instant.now().plus(ahead);
  private final SystemTimers timers = new SystemTimers(clock);
  private final Map<String, String> settings = new HashMap<>();
  private final List<String> agent;
  private final Map<String, String> environment;
  private Appliance appliance;
  private String token = "";

  /**
   * Starts one.
   *
   * @param more settings, by their keys in muster.properties
   */
  public static ApplianceFixture start(Path folder, Map<String, String> more) throws IOException {
    return start(folder, more, "");
  }

  /**
   * Starts one.
   *
   * @param moreSecrets lines of secrets.yml
   */
  public static ApplianceFixture start(Path folder, Map<String, String> more, String moreSecrets)
      throws IOException {
    return new ApplianceFixture(folder, more, moreSecrets, List.of("/bin/true"), Map.of());
  }

  /**
   * Starts one.
   *
   * @param agent what stands for the runner agent
   */
  public static ApplianceFixture start(Path folder, Map<String, String> more, List<String> agent)
      throws IOException {
    return new ApplianceFixture(folder, more, "", agent, Map.of());
  }

  /** Starts one in this environment. */
  public static ApplianceFixture startIn(Map<String, String> environment, Path folder)
      throws IOException {
    return new ApplianceFixture(folder, Map.of(), "", List.of("/bin/true"), environment);
  }

  private ApplianceFixture(
      Path folder,
      Map<String, String> more,
      String moreSecrets,
      List<String> agent,
      Map<String, String> environment)
      throws IOException {
    this.folder = folder;
    this.agent = List.copyOf(agent);
    this.environment = Map.copyOf(environment);
    settings.put("listen", "127.0.0.1:0");
    settings.put("admin", "127.0.0.1:0");
    settings.putAll(more);
    Home home = home();
    home.create();
    String secrets = "newer: \"%s\"\nolder: \"%s\"\n".formatted(SECRET, OLDER) + moreSecrets;
    Home.writePrivately(home.secrets(), secrets.getBytes(StandardCharsets.UTF_8));
    appliance = open();
    token = appliance.firstToken().orElseThrow().value();
  }

  private Appliance open() throws IOException {
    Surroundings around =
        new Surroundings(
            clock,
            timers,
            new Random(7),
            environment,
            file -> agent,
            "test",
            Map.of(),
            Optional.of(Path.of("target", "muster", "agent")));
    return Appliance.start(home(), Settings.read(home(), settings, environment), around);
  }

  public void restart() throws IOException {
    appliance.close();
    appliance = open();
  }

  /** Starts it again with further settings. */
  public void restart(Map<String, String> more) throws IOException {
    settings.putAll(more);
    restart();
  }

  /** Moves the appliance's clock on. */
  public void pass(Duration time) {
    ahead = ahead.plus(time);
  }

  public Home home() {
    return new Home(folder.resolve("home"));
  }

  public Appliance appliance() {
    return appliance;
  }

  public URI url(String path) {
    return appliance.running().publicUrl().resolve(path);
  }

  public URI admin(String path) {
    return appliance.running().adminUrl().resolve(path);
  }

  /** An admin's token. */
  public String token() {
    return token;
  }

  public HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  /** A delivery as GitHub sends it, signed. */
  public static HttpRequest.Builder delivery(URI url, String id, String event, byte[] body) {
    return HttpRequest.newBuilder(url)
        .timeout(Duration.ofSeconds(60))
        .header("Content-Type", "application/json")
        .header("X-GitHub-Event", event)
        .header("X-GitHub-Delivery", id)
        .header("X-Hub-Signature-256", "sha256=" + Signature.hex(SECRET, body))
        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
  }

  public HttpRequest.Builder delivery(String id, String event, byte[] body) {
    return delivery(url("/webhooks/github"), id, event, body);
  }

  /** Clones into (or makes) a work tree that pushes here. */
  public Path workTree(String name) throws IOException, InterruptedException {
    Path work = Files.createDirectories(folder.resolve(name));
    assertThat(git(work, "init", "--quiet", "--initial-branch=main").exitCode()).isZero();
    return work;
  }

  /** Commits a config to a work tree. */
  public void commit(Path work, String config) throws IOException, InterruptedException {
    Files.writeString(work.resolve("muster.yml"), config);
    git(work, "add", "--all");
    assertThat(git(work, "commit", "--quiet", "--allow-empty", "--message", "a change").exitCode())
        .isZero();
  }

  /** Pushes with the real git client, with a token as the password or with none. */
  public Said push(Path work, String password, String... refSpecs)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("push", repository(password)));
    command.addAll(List.of(refSpecs));
    return git(work, command.toArray(String[]::new));
  }

  /** The embedded repository's address for a password. */
  public String repository(String password) {
    URI url = url("/git/config.git");
    return password.isEmpty()
        ? url.toString()
        : "http://git:%s@%s/git/config.git".formatted(password, url.getAuthority());
  }

  public Said git(Path work, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile(folder, "git", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    Map<String, String> environment = builder.environment();
    environment.put("HOME", folder.toString());
    environment.put("GIT_CONFIG_NOSYSTEM", "1");
    environment.put("GIT_TERMINAL_PROMPT", "0");
    environment.put("LC_ALL", "C");
    for (String who : List.of("AUTHOR", "COMMITTER")) {
      environment.put("GIT_" + who + "_NAME", "Ada");
      environment.put("GIT_" + who + "_EMAIL", "ada@example.com");
    }
    Process process = builder.start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("git did not end: " + command);
    }
    return new Said(process.exitValue(), Files.readString(output));
  }

  /** Pushes {@link #CONFIG} and waits until it is in force. */
  public ApplianceFixture configured() throws IOException, InterruptedException {
    return configured(CONFIG);
  }

  /** Gives it this config. */
  public ApplianceFixture configured(String config) throws IOException, InterruptedException {
    Path work = workTree("first");
    commit(work, config);
    Said said = push(work, token, "HEAD:refs/heads/main");
    assertThat(said.exitCode()).as(said.text()).isZero();
    awaitReady();
    return this;
  }

  /** Until a config is in force. */
  public void awaitReady() throws IOException, InterruptedException {
    HttpRequest ready = HttpRequest.newBuilder(url("/readyz")).build();
    Instant until = Instant.now().plusSeconds(20);
    while (send(ready).statusCode() != 200) {
      assertThat(Instant.now()).as("ready").isBefore(until);
    }
  }

  @Override
  public void close() {
    appliance.close();
    timers.close();
    http.close();
    try {
      LocalRunners.end(home().root());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
