package dev.muster.fleet.compute.ec2;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.fixture.Emulator;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.Ec2Client;

/**
 * The emulator in a process of its own; the profile {@code moto} installs it. Without it the tests
 * that need it are skipped, and say so.
 */
public final class MotoServer implements AutoCloseable {
  private static final Path PROGRAM = Path.of("target/moto/bin/moto_server");

  /** It takes any. */
  public static final AwsCredentialsProvider CREDENTIALS =
      StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));

  private final Emulator emulator;

  private MotoServer(Emulator emulator) {
    this.emulator = emulator;
  }

  public static MotoServer start() throws IOException {
    assumeTrue(
        Files.isExecutable(PROGRAM),
        "moto is not installed: mvn verify does so, where python3 has its venv module");
    return new MotoServer(
        Emulator.start(
            "moto",
            port ->
                List.of(
                    PROGRAM.toAbsolutePath().toString(),
                    "-H",
                    "127.0.0.1",
                    "-p",
                    Integer.toString(port))));
  }

  public URI url() {
    return emulator.url();
  }

  public Ec2Client ec2(String region) {
    return Ec2Client.builder()
        .httpClient(Apache5HttpClient.create())
        .endpointOverride(url())
        .region(Region.of(region))
        .credentialsProvider(CREDENTIALS)
        .build();
  }

  /** The id of an image that bears the name of a runner's, made from a machine as images are. */
  public static String runnerImage(Ec2Client ec2) {
    String base =
        ec2.describeImages(request -> request.owners("amazon")).images().stream()
            .filter(i -> "x86_64".equals(i.architectureAsString()))
            .findFirst()
            .orElseThrow()
            .imageId();
    String builder =
        ec2.runInstances(request -> request.imageId(base).minCount(1).maxCount(1))
            .instances()
            .getFirst()
            .instanceId();
    String image =
        ec2.createImage(request -> request.instanceId(builder).name("muster-runner-linux-amd64-1"))
            .imageId();
    ec2.terminateInstances(request -> request.instanceIds(builder));
    return image;
  }

  @Override
  public void close() {
    emulator.close();
  }
}
