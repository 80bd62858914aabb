package dev.muster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.Key;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The agent as an image has it (its own runtime, one jar, an AOT cache), with a real appliance over
 * TLS: it enrols, and what that takes is written to {@code target/agent-figures.txt}. The figures
 * depend on who else is at work here, so none of them fails the test.
 */
@Timeout(180)
@Isolated("its figures are of a machine that does nothing else")
class AgentFiguresIT {
  private static final Path IMAGE = Path.of("target", "muster", "agent").toAbsolutePath();
  private static final Path SCRIPTS = Path.of("..", "ami", "linux").toAbsolutePath().normalize();
  private static final int RUNS = 5;
  private static final String PASSWORD = "changeit";
  private static final String POOL =
      "pools: [{ name: default, runner: here, desired_running: 1 }]\n";

  @TempDir private Path folder;
  private ApplianceFixture appliance;

  @BeforeEach
  void launch() throws Exception {
    appliance =
        ApplianceFixture.start(folder, Map.of(), List.of("/bin/sleep", "300"))
            .configured(ApplianceFixture.CONFIG + POOL);
  }

  @AfterEach
  void close() {
    appliance.close();
  }

  @Test
  void agentEnrolsOverTlsAndItsFiguresAreWrittenDown() throws Exception {
    Path machine = awaitMachine();
    Path store = certificate();
    appliance.restart(
        Map.of(
            "tls_certificate", folder.resolve("cert.pem").toString(),
            "tls_key", folder.resolve("key.pem").toString()));
    Path config = configOver(machine);
    Path agent = folder.resolve("muster-agent");
    run(
        SCRIPTS.resolve("make-agent").toString(),
        System.getProperty("java.home"),
        IMAGE.toString(),
        agent.toString());

    List<Long> millis = new ArrayList<>();
    List<Long> kilobytes = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      measure(agent, config, store, millis, kilobytes);
    }

    String figures =
        """
        agent process start to enrolled over TLS, ms: %d (first, enrols), then %s (session renewed)
        resident memory while it waits for a job, KiB: %s
        """
            .formatted(millis.getFirst(), millis.subList(1, RUNS), kilobytes);
    Files.writeString(Path.of("target", "agent-figures.txt"), figures);
    System.out.print(figures);
  }

  private void measure(Path agent, Path config, Path store, List<Long> millis, List<Long> kilobytes)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(agent.resolve("bin/agent").toString(), "--config", config.toString());
    builder.environment().put("MUSTER_ROOT", folder.toString());
    builder
        .environment()
        .put(
            "JDK_JAVA_OPTIONS",
            "-Djavax.net.ssl.trustStore=%s -Djavax.net.ssl.trustStorePassword=%s"
                .formatted(store, PASSWORD));
    long begin = System.nanoTime();
    Process process = builder.redirectErrorStream(true).start();
    try (BufferedReader said = process.inputReader()) {
      List<String> lines = new ArrayList<>();
      String line = said.readLine();
      while (line != null && !line.contains("enrolled as runner")) {
        lines.add(line);
        line = said.readLine();
      }
      millis.add(Duration.ofNanos(System.nanoTime() - begin).toMillis());
      assertThat(line).as("%s", lines).isNotNull();
      if (process.waitFor(2, TimeUnit.SECONDS)) {
        throw new AssertionError("it does not wait for a job: " + said.lines().toList());
      }
      kilobytes.add(resident(process.pid()));
    } finally {
      process.destroy();
      process.waitFor(30, TimeUnit.SECONDS);
    }
  }

  private static long resident(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc", String.valueOf(pid), "status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void imageServesItsAgentsOverTls() throws Exception {
    Path store = certificate();
    appliance.restart(
        Map.of(
            "tls_certificate", folder.resolve("cert.pem").toString(),
            "tls_key", folder.resolve("key.pem").toString()));
    try (HttpClient client = HttpClient.newBuilder().sslContext(trusting(store)).build()) {
      JsonNode files =
          new ObjectMapper().readTree(get(client, "manifest.json").body()).path("files");
      assertThat(files.findValuesAsText("name"))
          .containsExactly("agent-linux.jar", "agent-windows.jar");
      for (JsonNode file : files) {
        byte[] bytes = get(client, file.path("name").asText()).body();
        assertThat(bytes).hasSize(file.path("size").asInt());
        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)))
            .isEqualTo(file.path("sha256").asText());
      }
    }
  }

  private HttpResponse<byte[]> get(HttpClient client, String name)
      throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(appliance.url("/agent/v1/files/" + name)).build();
    HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer;
  }

  private static SSLContext trusting(Path store) throws Exception {
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(keys);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  /** The machine's own config, with the address that has TLS and a home of its own. */
  private Path configOver(Path machine) throws IOException {
    ObjectMapper json = new ObjectMapper();
    ObjectNode keys = (ObjectNode) json.readTree(machine.toFile());
    URI url = appliance.url("/");
    assertThat(url.getScheme()).isEqualTo("https");
    Path home = Files.createDirectories(folder.resolve("agent-home"));
    keys.put("url", "https://127.0.0.1:" + url.getPort()).put("home", home.toString());
    Path config =
        Files.createFile(
            home.resolve("agent.json"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(config, json.writeValueAsString(keys));
  }

  /** Makes a certificate for this machine: PEM for the appliance, a store for who trusts it. */
  private Path certificate() throws Exception {
    Path store = folder.resolve("tls.p12");
    run(
        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
        "-genkeypair",
        "-alias",
        "muster",
        "-keyalg",
        "EC",
        "-dname",
        "CN=muster",
        "-ext",
        "SAN=ip:127.0.0.1",
        "-storetype",
        "PKCS12",
        "-keystore",
        store.toString(),
        "-storepass",
        PASSWORD);
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    Certificate certificate = keys.getCertificate("muster");
    Key key = keys.getKey("muster", PASSWORD.toCharArray());
    pem("cert.pem", "CERTIFICATE", certificate.getEncoded());
    pem("key.pem", "PRIVATE KEY", key.getEncoded());
    // A store with a key trusts nobody: the certificate goes into one of its own.
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("muster", certificate);
    Path trust = folder.resolve("trust.p12");
    try (var out = Files.newOutputStream(trust)) {
      trusted.store(out, PASSWORD.toCharArray());
    }
    return trust;
  }

  private void pem(String file, String what, byte[] bytes) throws IOException {
    String text =
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(
                what, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes), what);
    Files.writeString(folder.resolve(file), text);
  }

  private Path awaitMachine() throws IOException {
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
          Path copy = folder.resolve("machine.json");
          return Files.copy(
              started.getFirst().resolve("agent.json"), copy, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said;
    try (InputStream output = process.getInputStream()) {
      said = new String(output.readAllBytes(), UTF_8);
    }
    assertThat(process.waitFor()).as(said).isZero();
  }
}
