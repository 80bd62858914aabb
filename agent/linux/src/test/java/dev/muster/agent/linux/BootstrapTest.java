package dev.muster.agent.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.muster.agent.common.AgentConfig;
import dev.muster.agent.common.PrivateFile;
import dev.muster.agent.protocol.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The image's bootstrap, really run: in a scratch root, against metadata that is only told to who
 * brings a token. Programs that change the machine are replaced by ones that write down how they
 * were called.
 */
class BootstrapTest {
  private static final Path SCRIPT = Path.of("../../ami/linux/bootstrap").toAbsolutePath();
  private static final String IDENTITY = "/latest/dynamic/instance-identity/rsa2048";
  private static final String INSTANCE = "i-0123456789abcdef0";
  private static final String LAUNCH =
      """
      {"url": "https://muster.example.com", "launch": "l-1", "secret": "the-launch-secret", "hardDeadlineSeconds": 21600}
      """;

  @TempDir private Path folder;
  private Path root;
  private Path launch;
  private PrivateFile config;
  private HttpServer metadata;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile String instance = INSTANCE;
  private volatile String identity = "MIAG\nCSqG\n";

  private record Said(int exitCode, String text) {}

  @BeforeEach
  void layOut() throws IOException {
    for (String program : List.of("jq", "curl")) {
      assumeTrue(
          Stream.of("/usr/bin", "/bin", "/usr/local/bin")
              .anyMatch(bin -> Files.isExecutable(Path.of(bin, program))),
          program + " is not installed, which the bootstrap uses");
    }
    root = Files.createDirectories(folder.resolve("root"));
    launch = Files.createDirectories(root.resolve("etc/muster")).resolve("launch.json");
    config = new PrivateFile(root.resolve("var/lib/muster-agent/agent.json"));
    Path bin = Files.createDirectories(folder.resolve("bin"));
    program(bin, "systemd-run", "echo \"$@\" >>%s".formatted(folder.resolve("armed")));
    program(bin, "nft", "cat >%s".formatted(folder.resolve("rules")));
    program(bin, "id", "[ \"$2\" = runner ] && echo 1777");
    metadata = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    metadata.createContext("/", this::answer);
    metadata.start();
  }

  private static void program(Path bin, String name, String does) throws IOException {
    Files.createFile(
        bin.resolve(name),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    Files.writeString(bin.resolve(name), "#!/bin/sh\n" + does + "\n");
  }

  @AfterEach
  void stop() {
    metadata.stop(0);
  }

  /** IMDSv2: a token by PUT with its time to live, and nothing without it. */
  private void answer(HttpExchange exchange) throws IOException {
    String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
    asked.add(request);
    var headers = exchange.getRequestHeaders();
    if (request.equals("PUT /latest/api/token")
        && headers.containsKey("X-aws-ec2-metadata-token-ttl-seconds")) {
      reply(exchange, 200, "a-token");
    } else if (!"a-token".equals(headers.getFirst("X-aws-ec2-metadata-token"))) {
      reply(exchange, 401, "");
    } else if (request.equals("GET /latest/meta-data/instance-id")) {
      reply(exchange, 200, instance);
    } else if (request.equals("GET " + IDENTITY) && !identity.isEmpty()) {
      reply(exchange, 200, identity);
    } else {
      reply(exchange, 404, "");
    }
  }

  private static void reply(HttpExchange exchange, int status, String text) throws IOException {
    try (exchange) {
      exchange.sendResponseHeaders(status, text.isEmpty() ? -1 : text.length());
      exchange.getResponseBody().write(text.getBytes(UTF_8));
    }
  }

  private Said bootstrap(String step) throws IOException, InterruptedException {
    return bootstrap(step, metadata.getAddress().getPort());
  }

  private Said bootstrap(String step, int port) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(SCRIPT.toString(), step).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.put("MUSTER_ROOT", root.toString());
    environment.put("MUSTER_IMDS", "http://127.0.0.1:" + port);
    environment.put("MUSTER_IMDS_ATTEMPTS", "1");
    environment.put("PATH", folder.resolve("bin") + ":" + environment.get("PATH"));
    Process process = builder.start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Said(process.waitFor(), text);
  }

  @Test
  void firstBootMakesTheAgentsConfigAndTakesTheSecretAlong() throws Exception {
    Files.writeString(launch, LAUNCH);

    Said said = bootstrap("config");

    assertThat(said.exitCode()).as(said.text()).isZero();
    assertThat(said.text()).contains(INSTANCE).doesNotContain("the-launch-secret");
    assertThat(AgentConfig.read(config))
        .isEqualTo(
            new AgentConfig(
                URI.create("https://muster.example.com"),
                "l-1",
                new Secret("the-launch-secret"),
                INSTANCE,
                Path.of("/var/lib/muster-agent"),
                Duration.ofHours(6),
                Optional.of("runner"),
                Optional.of(URI.create("http://127.0.0.1:" + metadata.getAddress().getPort())),
                Optional.of(Path.of("/etc/muster/image.json")),
                Optional.of("MIAGCSqG")));
    assertThat(launch).doesNotExist();
    assertThat(mode(root.resolve("var/lib/muster-agent"))).isEqualTo("rwx------");
    assertThat(Files.readSymbolicLink(config.path().resolveSibling("work")))
        .isEqualTo(Path.of("/opt/actions-runner"));
    assertThat(asked)
        .containsExactly(
            "PUT /latest/api/token",
            "GET /latest/meta-data/instance-id",
            "PUT /latest/api/token",
            "GET " + IDENTITY);
  }

  @Test
  void machineWithoutAnIdentityDocumentGoesOnWithoutOne() throws Exception {
    Files.writeString(launch, LAUNCH);
    identity = "";
    Said said = bootstrap("config");
    assertThat(said.exitCode()).as(said.text()).isZero();
    assertThat(said.text()).contains("has no identity document");
    assertThat(AgentConfig.read(config).identity()).isEmpty();
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void laterBootKeepsTheConfigWhoseSecretIsSpent() throws Exception {
    Files.writeString(launch, LAUNCH);
    bootstrap("config");
    AgentConfig.forgetSecret(config);
    String before = Files.readString(config.path());

    Said said = bootstrap("config");

    assertThat(said.exitCode()).as(said.text()).isZero();
    assertThat(Files.readString(config.path()))
        .isEqualTo(before)
        .doesNotContain("secret", "identity");
  }

  @Test
  void bootAfterCrashBetweenTheFilesTakesTheSecretOffTheDisk() throws Exception {
    Files.writeString(launch, LAUNCH);
    bootstrap("config");
    Files.writeString(launch, LAUNCH);

    assertThat(bootstrap("config").exitCode()).isZero();
    assertThat(launch).doesNotExist();
    assertThat(AgentConfig.read(config).secret()).isNotNull();
  }

  @Test
  void configOfAnotherMachineIsNotUsed() throws Exception {
    Files.writeString(launch, LAUNCH);
    bootstrap("config");
    Path session = Files.writeString(config.path().resolveSibling("session.json"), "{}");
    instance = "i-0fedcba9876543210";

    Said said = bootstrap("config");

    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.text()).contains("launch.json is missing");
    assertThat(config.path()).doesNotExist();
    assertThat(session).doesNotExist();
    Files.writeString(launch, LAUNCH);
    assertThat(bootstrap("config").exitCode()).isZero();
    assertThat(AgentConfig.read(config).instance()).isEqualTo(instance);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "the-launch-secret",
        "[]",
        "{\"url\": \"https://m\", \"launch\": \"l\", \"hardDeadlineSeconds\": 1}",
        "{\"url\": \"ftp://m\", \"launch\": \"l\", \"secret\": \"the-launch-secret\", \"hardDeadlineSeconds\": 1}",
        "{\"url\": \"https://m\", \"launch\": \"\", \"secret\": \"the-launch-secret\", \"hardDeadlineSeconds\": 1}",
        "{\"url\": \"https://m\", \"launch\": \"l\", \"secret\": \"the-launch-secret\", \"hardDeadlineSeconds\": 0}",
        "{\"url\": \"https://m\", \"launch\": \"l\", \"secret\": \"the-launch-secret\", \"hardDeadlineSeconds\": \"6h\"}"
      })
  void wrongLaunchIsRefusedWithoutItsSecret(String content) throws Exception {
    Files.writeString(launch, content);

    Said said = bootstrap("config");

    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.text()).contains("must hold url").doesNotContain("the-launch-secret");
    assertThat(config.path()).doesNotExist();
  }

  @Test
  void missingMetadataIsSaid() throws Exception {
    Files.writeString(launch, LAUNCH);
    int port = metadata.getAddress().getPort();
    metadata.stop(0);

    Said said = bootstrap("config", port);

    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.text()).contains("does not answer (IMDSv2)");
    assertThat(config.path()).doesNotExist();
    assertThat(launch).as("for a boot at which it answers").exists();
  }

  @ParameterizedTest
  @ValueSource(strings = {"<html>", "i-", "i-0123; reboot", "eni-1"})
  void instanceThatIsNoneIsRefused(String named) throws Exception {
    Files.writeString(launch, LAUNCH);
    instance = named;

    Said said = bootstrap("config");

    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.text()).contains("named the instance");
    assertThat(config.path()).doesNotExist();
  }

  @Test
  void deadlineIsArmedFromWhatIsKnown() throws Exception {
    assertThat(bootstrap("deadline").exitCode()).isZero();
    Files.writeString(launch, "");
    assertThat(bootstrap("deadline").exitCode()).isZero();
    Files.writeString(launch, "{\"hardDeadlineSeconds\": \"soon\"}");
    assertThat(bootstrap("deadline").exitCode()).isZero();
    Files.writeString(launch, LAUNCH);
    assertThat(bootstrap("deadline").exitCode()).isZero();
    bootstrap("config");
    AgentConfig.forgetSecret(config);
    assertThat(bootstrap("deadline").exitCode()).isZero();

    assertThat(Files.readAllLines(folder.resolve("armed")))
        .allMatch(line -> line.endsWith("-- systemctl poweroff --force"))
        .extracting(line -> line.replaceAll(".*--on-active=(\\d+s).*", "$1"))
        .as("unknown, empty, unreadable, from launch.json, from the agent's config")
        .containsExactly("900s", "900s", "900s", "21780s", "21780s");
    assertThat(root.resolve("run/muster/armed")).hasContent("21780");
  }

  @Test
  void jobsAreKeptFromTheMetadataByTheirUser() throws Exception {
    assertThat(bootstrap("metadata").exitCode()).isZero();
    assertThat(folder.resolve("rules"))
        .content()
        .contains("meta skuid 1777 ip daddr 169.254.169.254 reject")
        .contains("meta skuid 1777 ip6 daddr fd00:ec2::254 reject");
  }

  @Test
  void jobsReachTheMetadataWhereTheLaunchAllowsItAtEveryBoot() throws Exception {
    Files.writeString(launch, LAUNCH.replace("}", ", \"instanceMetadata\": true}"));
    Said said = bootstrap("metadata");
    assertThat(said.exitCode()).as(said.text()).isZero();
    assertThat(said.text()).contains("jobs reach the instance metadata");
    String open = Files.readString(folder.resolve("rules"));
    assertThat(open)
        .doesNotContain("skuid")
        .as("containers with a network of their own stay away")
        .containsSubsequence("chain forward", "ip daddr 169.254.169.254 reject");

    assertThat(bootstrap("config").exitCode()).isZero();
    AgentConfig.forgetSecret(config);
    assertThat(launch).doesNotExist();
    assertThat(bootstrap("metadata").exitCode()).isZero();
    assertThat(folder.resolve("rules")).hasContent(open);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{\"instanceMetadata\": \"true\"}", "{\"instanceMetadata\": 1}"})
  void nothingButAPlainYesOpensTheMetadata(String content) throws Exception {
    Files.writeString(launch, content);
    assertThat(bootstrap("metadata").exitCode()).isZero();
    assertThat(folder.resolve("rules")).content().contains("meta skuid 1777");
  }

  @Test
  void imageWithoutTheJobsUserDoesNotStart() throws Exception {
    program(Files.createDirectories(folder.resolve("bin2")), "id", "exit 1");
    Files.move(
        folder.resolve("bin2/id"),
        folder.resolve("bin/id"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);

    Said said = bootstrap("metadata");

    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.text()).contains("there is no user runner");
    assertThat(folder.resolve("rules")).doesNotExist();
  }

  /** An image's agent, and a machine whose appliance is at {@code url}. */
  private Path imageAgent(String url) throws Exception {
    Path lib = Files.createDirectories(root.resolve("opt/muster-agent/lib"));
    Files.writeString(lib.resolve("agent-linux.jar"), "the image's");
    Files.writeString(launch, LAUNCH.replace("https://muster.example.com", url));
    assertThat(bootstrap("config").exitCode()).isZero();
    return root.resolve("run/muster/agent-linux.jar");
  }

  private static void offer(HttpServer appliance, String name, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    appliance.createContext(
        "/agent/v1/files/" + name,
        exchange -> {
          try (exchange) {
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
          }
        });
  }

  private static String manifest(String content) throws Exception {
    String sum =
        HexFormat.of()
            .formatHex(MessageDigest.getInstance("SHA-256").digest(content.getBytes(UTF_8)));
    return "{\"files\": [{\"name\": \"other.jar\", \"sha256\": \"%s\"}, {\"name\": \"agent-linux.jar\", \"sha256\": \"%s\"}]}"
        .formatted("0".repeat(64), sum);
  }

  private String ownUrl() {
    return "http://127.0.0.1:" + metadata.getAddress().getPort();
  }

  @Test
  void appliancesOwnAgentIsTakenForThisBootAndStarted() throws Exception {
    Path fresh = imageAgent(ownUrl() + "/");
    offer(metadata, "manifest.json", manifest("the appliance's"));
    offer(metadata, "agent-linux.jar", "the appliance's");

    Said said = bootstrap("agent");

    assertThat(said.exitCode()).as(said.text()).isZero();
    assertThat(said.text()).contains("the agent is the appliance's");
    assertThat(fresh).hasContent("the appliance's");
    assertThat(started()).contains("-cp " + fresh + " dev.muster.agent.linux.AgentMain --config f");
    assertThat(config.path().resolveSibling("boot.log"))
        .content()
        .contains("this is " + INSTANCE, "the agent is the appliance's");
  }

  @Test
  void imagesAgentIsKeptWhereItIsTheSameAndStarted() throws Exception {
    Path fresh = imageAgent(ownUrl());
    offer(metadata, "manifest.json", manifest("the image's"));

    Said said = bootstrap("agent");

    assertThat(said.text()).contains("which is the appliance's too");
    assertThat(fresh).doesNotExist();
    assertThat(started()).contains("/app/lib/agent-linux.jar dev.muster");
  }

  @Test
  void agentThatIsNotWhatTheManifestSaysIsNotTaken() throws Exception {
    Path fresh = imageAgent(ownUrl());
    offer(metadata, "manifest.json", manifest("the appliance's"));
    offer(metadata, "agent-linux.jar", "forged");

    Said said = bootstrap("agent");

    assertThat(said.exitCode()).isZero();
    assertThat(said.text()).contains("could not be had whole");
    assertThat(fresh.getParent()).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"files\": []}",
        "<html>",
        "",
        "{\"files\": [{\"name\": \"agent-linux.jar\", \"sha256\": \"../..\"}]}"
      })
  void manifestThatNamesNoneLeavesTheImagesAgent(String manifest) throws Exception {
    imageAgent(ownUrl());
    offer(metadata, "manifest.json", manifest + " ");

    Said said = bootstrap("agent");

    assertThat(said.exitCode()).isZero();
    assertThat(said.text()).contains("the agent is the image's");
  }

  @Test
  void applianceThatIsAwayLeavesTheImagesAgentAndTakesNoOldOne() throws Exception {
    Path fresh = imageAgent("https://127.0.0.1:1");
    Files.createDirectories(fresh.getParent());
    Files.writeString(fresh, "of a boot before");

    Said said = bootstrap("agent");

    assertThat(said.exitCode()).isZero();
    assertThat(said.text()).contains("the appliance did not name its own");
    assertThat(fresh).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://192.0.2.1", "http://127.0.0.1.example.com", "http://localhost"})
  void nothingIsTakenOverPlainHttpFromElsewhere(String url) throws Exception {
    imageAgent(url);

    Said said = bootstrap("agent");

    assertThat(said.exitCode()).isZero();
    assertThat(said.text()).contains("is not https");
  }

  /** How the image's script starts the agent, with a stand-in for the Java in the image. */
  private String started() throws Exception {
    Path app = Files.createDirectories(folder.resolve("app"));
    Path bin = Files.createDirectories(app.resolve("bin"));
    Files.copy(SCRIPT.resolveSibling("agent"), bin.resolve("agent"));
    program(Files.createDirectories(app.resolve("runtime/bin")), "java", "echo \"$@\"");
    ProcessBuilder builder =
        new ProcessBuilder(bin.resolve("agent").toString(), "--config", "f")
            .redirectErrorStream(true);
    builder.environment().put("MUSTER_ROOT", root.toString());
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(text).isZero();
    return text;
  }

  @Test
  void unknownStepIsRefused() throws Exception {
    assertThat(bootstrap("everything").exitCode()).isEqualTo(1);
  }
}
