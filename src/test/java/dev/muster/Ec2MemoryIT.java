package dev.muster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.cli.tools.GitClient;
import dev.muster.fleet.compute.ec2.MotoServer;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.Subnet;

/**
 * The image's {@code muster serve} with machines on an emulator of EC2 and nothing to do: how much
 * memory it holds is written to {@code target/ec2-memory.txt} beside the bar. Only what is far off
 * fails, as the figure depends on the machine a little.
 */
@Timeout(240)
@Execution(ExecutionMode.CONCURRENT)
class Ec2MemoryIT {
  private static final Path MUSTER = Path.of("target", "muster", "bin", "muster").toAbsolutePath();
  private static final String REGION = "eu-west-1";
  private static final int MACHINES = 2;
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration IDLE = Duration.ofSeconds(20);
  private static final int BAR = 280;
  private static final int FAR_OFF = 400;

  @TempDir private Path folder;
  private MotoServer moto;
  private Ec2Client ec2;

  @BeforeEach
  void startMoto() throws IOException {
    moto = MotoServer.start();
    ec2 = moto.ec2(REGION);
  }

  @AfterEach
  void stopMoto() {
    if (moto != null) {
      ec2.close();
      moto.close();
    }
  }

  @Test
  void idleApplianceWithMachinesOnEc2HoldsLittleMemory() throws Exception {
    Home home = new Home(folder.resolve("home"));
    Process process = serve(home);
    try {
      Running running = await(process, home::running, "no address");
      new GitClient(config(), running.token()).publish(running.publicUrl(), "a pool on EC2");
      await(process, () -> Optional.of(machines()).filter(n -> n == MACHINES), "no machines");
      long first = afterIdling(process);
      long second = afterIdling(process);
      String figures =
          "appliance memory with EC2 in use, idle, MiB resident after %d and %d s: %d, %d (bar %d)%n"
              .formatted(IDLE.toSeconds(), 2 * IDLE.toSeconds(), first, second, BAR);
      Files.writeString(Path.of("target", "ec2-memory.txt"), figures);
      System.out.print("  " + figures);
      assertThat(second).as(figures).isLessThan(FAR_OFF);
      assertThat(machines()).isEqualTo(MACHINES);
    } finally {
      process.destroy();
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }

  private Process serve(Home home) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                MUSTER.toString(),
                "serve",
                "--home",
                home.root().toString(),
                "--listen",
                "127.0.0.1:0",
                "--admin",
                "127.0.0.1:0")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("serve.log").toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "AWS_ENDPOINT_URL", moto.url().toString(),
                "AWS_ACCESS_KEY_ID", "test",
                "AWS_SECRET_ACCESS_KEY", "test"));
    return builder.start();
  }

  private Path config() throws IOException {
    MotoServer.runnerImage(ec2);
    String subnets =
        ec2.describeSubnets().subnets().stream()
            .map(Subnet::subnetId)
            .collect(Collectors.joining(", "));
    String group = ec2.describeSecurityGroups().securityGroups().getFirst().groupId();
    Path config = Files.createDirectories(folder.resolve("config"));
    Files.writeString(
        config.resolve("muster.yml"),
        """
        version: "1"
        defaults: { region: %s, environment: dev }
        environments:
          dev: { regions: { %s: { subnets: [%s], security_groups: [%s] } } }
        runners:
          - { name: small, cpu: 4, ram: [8, 16], spot: never }
        pools:
          - { name: default, runner: small, desired_running: %d }
        """
            .formatted(REGION, REGION, subnets, group, MACHINES));
    return config;
  }

  private int machines() {
    return ec2
        .describeInstances(request ->
            request.filters(
                Filter.builder().name("tag:muster:pool").values("default").build(),
                Filter.builder().name("instance-state-name").values("running").build()))
        .reservations()
        .stream()
        .mapToInt(reservation -> reservation.instances().size())
        .sum();
  }

  private interface Look<T> {
    Optional<T> now() throws IOException;
  }

  private <T> T await(Process process, Look<T> look, String missing) throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Optional<T> seen = look.now();
    while (seen.isEmpty()) {
      assertThat(process.isAlive() && System.nanoTime() < end)
          .as("%s: %s", missing, Files.readString(folder.resolve("serve.log"), UTF_8))
          .isTrue();
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      seen = look.now();
    }
    return seen.get();
  }

  /** In MiB; the appliance is left in peace meanwhile, which it must not end of. */
  private long afterIdling(Process process) throws IOException, InterruptedException {
    assertThat(process.waitFor(IDLE.toSeconds(), TimeUnit.SECONDS))
        .as(Files.readString(folder.resolve("serve.log"), UTF_8))
        .isFalse();
    Path status = Path.of("/proc", String.valueOf(process.pid()), "status");
    return Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")))
            .findFirst()
            .orElseThrow()
        / 1024;
  }
}
