package dev.muster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an appliance's image does before the appliance, really run in a scratch root. Programs that
 * change the machine or the cloud write down how they were called.
 */
class PrepareApplianceTest {
  private static final Path SCRIPT = Path.of("../ami/linux/prepare-appliance").toAbsolutePath();
  private static final String DEVICE = "nvme-Amazon_Elastic_Block_Store_vol0abc";

  @TempDir private Path folder;
  private Path root;
  private Path bin;
  private Path called;
  private HttpServer metadata;

  private record Said(int exitCode, String text) {}

  @BeforeEach
  void layOut() throws IOException {
    for (String program : List.of("jq", "curl")) {
      assumeTrue(
          Stream.of("/usr/bin", "/bin", "/usr/local/bin")
              .anyMatch(place -> Files.isExecutable(Path.of(place, program))),
          program + " is not installed, which the script uses");
    }
    root = Files.createDirectories(folder.resolve("root"));
    bin = Files.createDirectories(folder.resolve("bin"));
    called = folder.resolve("called");
    Files.createDirectories(root.resolve("dev/disk/by-id"));
    Files.createDirectories(root.resolve("etc/muster"));
    for (String program : List.of("mkfs.xfs", "mount", "chown")) {
      program(program, "");
    }
    program("mountpoint", "exit 1");
    program("blkid", "exit 0");
    program("aws", "touch %s/dev/disk/by-id/%s".formatted(root, DEVICE));
    metadata = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    metadata.createContext(
        "/latest/api/token",
        exchange -> {
          exchange.sendResponseHeaders(200, 1);
          exchange.getResponseBody().write('t');
          exchange.close();
        });
    metadata.createContext(
        "/latest/meta-data/instance-id",
        exchange -> {
          boolean known =
              "t".equals(exchange.getRequestHeaders().getFirst("X-aws-ec2-metadata-token"));
          exchange.sendResponseHeaders(known ? 200 : 401, known ? 5 : -1);
          if (known) {
            exchange.getResponseBody().write("i-0ab".getBytes(UTF_8));
          }
          exchange.close();
        });
    metadata.start();
  }

  private void program(String name, String does) throws IOException {
    Path file = bin.resolve(name);
    Files.writeString(file, "#!/bin/sh\necho \"%s $*\" >>%s\n%s\n".formatted(name, called, does));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @AfterEach
  void stop() {
    metadata.stop(0);
  }

  private Said prepare(String settings) throws IOException, InterruptedException {
    Files.writeString(root.resolve("etc/muster/appliance.env"), settings);
    ProcessBuilder builder = new ProcessBuilder(SCRIPT.toString()).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.put("MUSTER_ROOT", root.toString());
    environment.put("MUSTER_IMDS", "http://127.0.0.1:" + metadata.getAddress().getPort());
    environment.put("MUSTER_VOLUME_ATTEMPTS", "1");
    environment.put("PATH", bin + ":" + environment.get("PATH"));
    Process process = builder.start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Said(process.waitFor(), text);
  }

  private String called() throws IOException {
    return Files.exists(called) ? Files.readString(called) : "";
  }

  private static final String VOLUME = "DATA_VOLUME=vol-0abc\nAWS_REGION=eu-west-1\nTLS_SECRET=\n";

  @Test
  void volumeIsAttachedAndMountedAsItIs() throws Exception {
    Said said = prepare(VOLUME);
    assertThat(said.exitCode()).as(said.text()).isZero();
    assertThat(called())
        .contains("--volume-id vol-0abc --instance-id i-0ab")
        .contains("mount -o noatime,nodev,nosuid %s/dev/disk/by-id/%s".formatted(root, DEVICE))
        .doesNotContain("mkfs.xfs");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(root.resolve("var/lib/muster"))))
        .isEqualTo("rwx------");
  }

  @Test
  void onlyVolumeWithoutFileSystemGetsOne() throws Exception {
    program("blkid", "exit 2");
    assertThat(prepare(VOLUME).exitCode()).isZero();
    assertThat(called()).containsSubsequence("mkfs.xfs", "mount -o");
  }

  @Test
  void volumeThatCannotBeReadIsLeftAlone() throws Exception {
    program("blkid", "exit 8");
    Said said = prepare(VOLUME);
    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.text()).contains("it is left alone");
    assertThat(called()).doesNotContain("mkfs.xfs").doesNotContain("mount -o");
  }

  @Test
  void volumeThatAnotherInstanceHasIsNamed() throws Exception {
    program("aws", "echo VolumeInUse >&2; exit 254");
    Said said = prepare(VOLUME);
    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.text()).contains("vol-0abc cannot be attached to i-0ab: VolumeInUse");
    assertThat(called()).doesNotContain("mount -o");
  }

  @Test
  void certificateIsFetchedAndOthersCannotReadIt() throws Exception {
    program(
        "aws",
        """
        printf '%s' '{"certificate": "-----BEGIN CERTIFICATE-----\\nc", "key": "-----BEGIN PRIVATE KEY-----\\nk"}'\
        """);
    Said said =
        prepare("AWS_REGION=eu-west-1\nTLS_SECRET=arn:aws:secretsmanager:eu-west-1:1:secret:tls\n");
    assertThat(said.exitCode()).as(said.text()).isZero();
    Path key = root.resolve("etc/muster/tls/key.pem");
    assertThat(key).hasContent("-----BEGIN PRIVATE KEY-----\nk");
    assertThat(root.resolve("etc/muster/tls/certificate.pem")).content().endsWith("c\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
        .isEqualTo("rw-------");
  }

  @Test
  void secretThatIsNoCertificateIsRefusedWithoutBeingShown() throws Exception {
    program(
        "aws", "echo '{\"certificate\": \"-----BEGIN CERTIFICATE-----\", \"key\": \"hidden\"}'");
    Said said = prepare("AWS_REGION=eu-west-1\nTLS_SECRET=arn\n");
    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.text()).contains("has no 'key' in PEM").doesNotContain("hidden");
    assertThat(root.resolve("etc/muster/tls/certificate.pem")).doesNotExist();
  }

  @Test
  void imageThatTheStackDidNotLaunchIsLeftAsItIs() throws Exception {
    assertThat(prepare("").exitCode()).isZero();
    Files.delete(root.resolve("etc/muster/appliance.env"));
    assertThat(called()).isEmpty();
  }
}
