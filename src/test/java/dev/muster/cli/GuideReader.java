package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.cli.tools.LocalRunners;
import dev.muster.kernel.home.Home;
import dev.muster.sandbox.SandboxApp;
import dev.muster.sandbox.SandboxGitHub;
import dev.muster.sandbox.SandboxSettings;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Does what a guide says with the image that the build made, a home of its own and the real git.
 * Where a guide shows an address or a number that cannot be the same here, this has one that stands
 * for it.
 */
final class GuideReader implements AutoCloseable {
  private static final Path IMAGE = Path.of("target", "muster", "bin").toAbsolutePath();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Pattern TOKEN = Pattern.compile("muster_[A-Za-z0-9_-]{20,}");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path user;
  private final Path work;
  private final Path token;
  private final String publicAddress;
  private final String adminAddress;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Process> running = new ArrayList<>();
  private Optional<SandboxGitHub> sandbox = Optional.empty();

  /** By what a guide shows: what stands for it here, made when it is first needed. */
  private final Map<String, Callable<String>> standIns = new HashMap<>();

  private final Map<String, String> known = new HashMap<>();

  /**
   * Somebody who has read nothing yet.
   *
   * @param folder empty
   */
  GuideReader(Path folder) throws IOException {
    user = Files.createDirectories(folder.resolve("user"));
    work = Files.createDirectories(folder.resolve("work"));
    token = Files.createFile(folder.resolve("token"));
    Path password = Files.writeString(folder.resolve("password"), "#!/bin/sh\ncat '" + token + "'");
    Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rwx------"));
    try (ServerSocket one = new ServerSocket(0);
        ServerSocket other = new ServerSocket(0)) {
      publicAddress = "127.0.0.1:" + one.getLocalPort();
      adminAddress = "127.0.0.1:" + other.getLocalPort();
    }
    known.put("127.0.0.1:8080", publicAddress);
    known.put("127.0.0.1:8081", adminAddress);
    standIns.put("123456", this::completedJob);
    standIns.put("muster-0123456789bc", this::readyRunner);
  }

  /** Where a guide goes on from another: a config is at hand, and a GitHub that knows the App. */
  void haveConfigAndGitHub() throws Exception {
    SandboxApp app = SandboxApp.generate(12_345);
    SandboxGitHub github =
        SandboxGitHub.start(SandboxSettings.DEFAULT, app, InstantSource.system());
    sandbox = Optional.of(github);
    github.sendWebhooksTo(URI.create("http://" + publicAddress + "/webhooks/github"));
    String key = app.privateKeyPem().lines().map(l -> "  " + l).collect(Collectors.joining("\n"));
    String secrets =
        "github-app-key: |\n%s\ngithub-webhook: %s\n".formatted(key, app.webhookSecret());
    Home home = new Home(user.resolve(".muster"));
    home.create();
    Home.writePrivately(home.secrets(), secrets.getBytes(StandardCharsets.UTF_8));
    Path runner = Files.createDirectories(user.resolve("runner")).resolve("run.sh");
    String java =
        String.join(
            " ",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx48m",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.muster.sandbox.SandboxRunner");
    Files.writeString(runner, "#!/bin/sh\nexec " + java + "\n");
    Files.setPosixFilePermissions(runner, PosixFilePermissions.fromString("rwx------"));
    Files.writeString(
        work.resolve("muster.yml"),
        """
        version: "1"
        github:
          api_url: %s
          app: { id: 12345, private_key: { secret: github-app-key } }
          webhook_secret: { secret: github-webhook }
        runners:
          - { name: here, provider: local, slots: 4, command: [%s] }
        pools:
          - { name: default, runner: here, desired_running: 1 }
        """
            .formatted(github.url(), runner));
    Ran committed = run("git init -q -b main && git add muster.yml && git commit -q -m runners");
    assertThat(committed.exitCode()).as(committed.output()).isZero();
  }

  /** Does what a block says; fails where it is not as the block shows. */
  void follow(String where, Guide.Block block) throws Exception {
    if (block.language().equals("yaml")) {
      Files.write(work.resolve("muster.yml"), block.lines());
      Ran checked = run("muster validate");
      assertThat(checked.exitCode()).as("%s: %s", where, checked.output()).isZero();
    }
    List<Guide.Command> commands = block.commands();
    for (Guide.Command command : commands) {
      String what = where + ": " + command.line();
      if (block.keepsRunning() && command.equals(commands.getLast())) {
        begin(what, command);
      } else {
        Ran ran = run(command.line());
        assertThat(ran.exitCode()).as("%s%n%s", what, ran.output()).isEqualTo(block.exits());
        command
            .said()
            .ifPresent(said ->
                assertThat(plain(ran.output().lines().toList())).as(what).matches(shown(said)));
      }
    }
  }

  private record Ran(int exitCode, String output) {}

  private Ran run(String line) throws Exception {
    Path output = Files.createTempFile(user, "said", ".txt");
    Process process = shell(line).redirectOutput(output.toFile()).start();
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(line + " does not end: " + Files.readString(output));
    }
    return new Ran(process.exitValue(), heard(output));
  }

  /** Starts what is to keep running, and waits until it has said what the guide shows. */
  private void begin(String what, Guide.Command command) throws Exception {
    Path output = Files.createTempFile(user, "said", ".txt");
    Process process = shell("exec " + command.line()).redirectOutput(output.toFile()).start();
    running.add(process);
    Pattern shown = shown(command.said().orElseThrow());
    until(
        () -> what + " says " + Files.readString(output),
        () -> {
          assertThat(process.isAlive()).as("%s%n%s", what, Files.readString(output)).isTrue();
          return shown.matcher(plain(heard(output).lines().toList())).matches()
              ? Optional.of(what)
              : Optional.empty();
        });
  }

  private ProcessBuilder shell(String line) throws Exception {
    for (Map.Entry<String, Callable<String>> standIn : standIns.entrySet()) {
      if (line.contains(standIn.getKey()) && !known.containsKey(standIn.getKey())) {
        known.put(standIn.getKey(), standIn.getValue().call());
      }
    }
    String here = line;
    for (Map.Entry<String, String> standIn : known.entrySet()) {
      here = here.replace(standIn.getKey(), standIn.getValue());
    }
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-c", here).directory(work.toFile()).redirectErrorStream(true);
    builder.redirectInput(Path.of("/dev/null").toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.matches("(MUSTER|JAVA|GIT)_.*"));
    environment.put("PATH", IMAGE + ":" + environment.get("PATH"));
    environment.put("HOME", user.toString());
    environment.put("MUSTER_JAVA_OPTS", "-Duser.home=" + user);
    environment.put("MUSTER_LISTEN", publicAddress);
    environment.put("MUSTER_ADMIN", adminAddress);
    environment.put("LC_ALL", "C.UTF-8");
    environment.put("GIT_CONFIG_NOSYSTEM", "1");
    environment.put("GIT_TERMINAL_PROMPT", "0");
    environment.put("GIT_ASKPASS", user.resolveSibling("password").toString());
    for (String who : List.of("AUTHOR", "COMMITTER")) {
      environment.put("GIT_" + who + "_NAME", "Ada");
      environment.put("GIT_" + who + "_EMAIL", "ada@example.com");
    }
    return builder;
  }

  /** What was said, as the guide would show it; the newest token in it is what git is told. */
  private String heard(Path output) throws IOException {
    String said = Files.readString(output);
    Matcher tokens = TOKEN.matcher(said);
    while (tokens.find()) {
      Files.writeString(token, tokens.group());
    }
    for (Map.Entry<String, String> standIn : known.entrySet()) {
      said = said.replace(standIn.getValue(), standIn.getKey());
    }
    return said;
  }

  /** Lines without what only serves the eye. */
  private static String plain(List<String> lines) {
    return lines.stream()
        .map(line -> line.strip().replaceAll("\\s+", " ") + "\n")
        .collect(Collectors.joining());
  }

  private static Pattern shown(List<String> lines) {
    StringBuilder pattern = new StringBuilder();
    for (String line : plain(lines).lines().toList()) {
      if (line.equals("…")) {
        pattern.append("(.*\\n)*?");
      } else {
        for (String text : line.splitWithDelimiters("…", -1)) {
          pattern.append(text.equals("…") ? ".*" : Pattern.quote(text));
        }
        pattern.append("\\n");
      }
    }
    return Pattern.compile(pattern.toString());
  }

  /** The number of a job that has run here. */
  private String completedJob() throws Exception {
    URI ready = URI.create("http://" + publicAddress + "/readyz");
    until(
        () -> "no config is in force",
        () -> get(ready).statusCode() == 200 ? Optional.of(ready) : Optional.empty());
    String id =
        ""
            + sandbox
                .orElseThrow()
                .queueJob("acme/api", List.of("muster/runner=here"), List.of("true"))
                .id();
    return until(
        () -> "job " + id + " does not complete: " + api("jobs/" + id),
        () ->
            api("jobs/" + id).path("state").asText().equals("completed")
                ? Optional.of(id)
                : Optional.empty());
  }

  /** The name of a runner that waits for a job. */
  private String readyRunner() throws Exception {
    return until(
        () -> "no runner is ready: " + api("runners"),
        () ->
            Optional.of(api("runners?state=ready").path("runners").path(0).path("id").asText())
                .filter(id -> !id.isEmpty()));
  }

  private JsonNode api(String path) throws IOException, InterruptedException {
    return JSON.readTree(get(URI.create("http://" + adminAddress + "/api/v1/" + path)).body());
  }

  private HttpResponse<String> get(URI url) throws IOException, InterruptedException {
    return http.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static <T> T until(Callable<String> what, Callable<Optional<T>> condition)
      throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end) {
      Optional<T> met = condition.call();
      if (met.isPresent()) {
        return met.get();
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
    throw new AssertionError(what.call());
  }

  @Override
  public void close() throws IOException {
    for (Process process : running) {
      process.destroy();
      process.onExit().orTimeout(20, TimeUnit.SECONDS).join();
    }
    LocalRunners.end(user);
    sandbox.ifPresent(SandboxGitHub::close);
    http.close();
  }
}
