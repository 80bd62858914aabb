package dev.muster.fleet.compute.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.muster.fleet.compute.ComputeProvider;
import dev.muster.fleet.compute.ComputeProviderContract;
import dev.muster.fleet.compute.Instance;
import dev.muster.fleet.compute.LaunchRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** With real processes: a script that sleeps stands in for the agent. */
@EnabledOnOs(OS.LINUX)
class LocalComputeProviderTest extends ComputeProviderContract {
  @TempDir Path folder;
  private Path agent;
  private Path original;

  @BeforeEach
  void writeScripts() throws IOException {
    agent = script(folder.resolve("agent.sh"), "echo \"agent of $1\"\nexec sleep 300\n");
    original = Files.createDirectories(folder.resolve("original"));
    script(original.resolve("run.sh"), "exit 0\n");
    Files.createDirectories(original.resolve("bin"));
    Files.writeString(original.resolve("bin/lib"), "one");
    Files.writeString(Files.createDirectories(original.resolve("_work")).resolve("old"), "old");
  }

  @AfterEach
  void endEverything() throws InterruptedException {
    for (Instance instance : provider().list(region()).machines()) {
      provider().terminate(region(), List.of(instance.id()));
      awaitGone(instance.id());
    }
  }

  @Override
  protected ComputeProvider provider() {
    // A new one each time: everything that matters is in the folder.
    return new LocalComputeProvider(
        home(),
        config -> List.of("/bin/sh", agent.toString(), config.toString()),
        spawner(),
        InstantSource.system());
  }

  /** Started anew by each appliance, as nothing of it outlives one. */
  Spawner spawner() {
    return new SessionSpawner();
  }

  final Path home() {
    return folder.resolve("runners");
  }

  @Override
  protected List<String> command() {
    return List.of(original.resolve("run.sh").toString(), "--once");
  }

  @Override
  protected void awaitGone(String instance) throws InterruptedException {
    Path record = home().resolve("live").resolve(instance);
    if (Files.isDirectory(record)) {
      try {
        awaitEnd(record);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
    super.awaitGone(instance);
  }

  @Test
  void slotsHaveCopiesOfTheRunnersFolder() throws Exception {
    LaunchRequest request = request(1, 2);
    launched(provider().launch(request, "secret"));
    for (int slot = 0; slot < 2; slot++) {
      Path copy = home().resolve("slots/here/" + slot);
      assertThat(copy.resolve("run.sh")).isExecutable();
      assertThat(copy.resolve("bin/lib")).hasContent("one");
      assertThat(copy.resolve("_work")).doesNotExist();
    }
    assertThat(provider().command(request.spec())).containsExactly("./run.sh", "--once");
  }

  @Test
  void slotIsCopiedAnewWhenTheRunnerIsUpdatedDeepInside() throws Exception {
    String first = launched(provider().launch(request(1, 1), "secret")).getFirst();
    provider().terminate(region(), List.of(first));
    awaitGone(first);
    Files.writeString(original.resolve("bin/lib"), "two, after an update");
    launched(provider().launch(request(2, 1), "secret"));
    assertThat(home().resolve("slots/here/0/bin/lib")).hasContent("two, after an update");
  }

  @Test
  void anotherProviderOverTheSameFolderAdoptsWhatRuns() throws Exception {
    String id = launched(provider().launch(request(1, 1), "secret")).getFirst();
    LocalInstance instance = LocalInstance.read(home().resolve("live").resolve(id)).orElseThrow();
    assertThat(instance.process()).isPresent();
    assertThat(launched(provider().launch(request(1, 1), "secret"))).containsExactly(id);
    provider().terminate(region(), List.of(id));
    awaitGone(id);
    // Ended is not yet reaped.
    instance.process().ifPresent(p -> p.onExit().orTimeout(10, TimeUnit.SECONDS).join());
    assertThat(instance.process()).isEmpty();
  }

  /** An appliance that runs since the clock was set reckons another time of day for each start. */
  @Test
  void startIsToldByTheBootAndNotByTheClock() throws Exception {
    String id = launched(provider().launch(request(1, 1), "secret")).getFirst();
    LocalInstance instance = LocalInstance.read(home().resolve("live").resolve(id)).orElseThrow();
    Process ps =
        new ProcessBuilder("ps", "-o", "etimes=", "-p", Long.toString(instance.pid())).start();
    long age = Long.parseLong(new String(ps.getInputStream().readAllBytes(), UTF_8).strip());
    double uptime =
        Double.parseDouble(Files.readString(Path.of("/proc/uptime"), UTF_8).split(" ", 2)[0]);
    String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id"), UTF_8).strip();
    assertThat(instance.started()).endsWith(" ticks after boot " + boot);
    // A hundred ticks a second, on every Linux that Java runs on.
    assertThat(Double.parseDouble(instance.started().split(" ", 2)[0]) / 100)
        .isCloseTo(uptime - age, within(5.0));
  }

  @Test
  void outputIsKeptAndSecretsAreRemovedWhenARunnerEnds() throws Exception {
    String id = launched(provider().launch(request(1, 1), "open sesame")).getFirst();
    Path config = home().resolve("live").resolve(id).resolve("agent.json");
    assertThat(Files.readString(config)).contains("open sesame");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(config)))
        .isEqualTo("rw-------");
    awaitOutput(home().resolve("live").resolve(id).resolve("agent.log"));
    provider().terminate(region(), List.of(id));
    awaitGone(id);
    Path ended = home().resolve("ended").resolve(id);
    assertThat(ended.resolve("agent.log")).content().contains("agent of");
    assertThat(ended.resolve("agent.json")).doesNotExist();
    assertThat(home().resolve("live").resolve(id)).doesNotExist();
    assertThat(launched(provider().launch(request(1, 1), "open sesame"))).containsExactly(id);
    assertThat(provider().list(region()).machines())
        .as("an ended one is not started again")
        .isEmpty();
  }

  static void awaitEnd(Path record) throws IOException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (LocalInstance.read(record).flatMap(LocalInstance::process).isPresent()) {
      assertThat(System.nanoTime()).as("the end of " + record).isLessThan(until);
      Thread.onSpinWait();
    }
  }

  static void awaitOutput(Path log) throws IOException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!Files.exists(log) || Files.size(log) == 0) {
      assertThat(System.nanoTime()).as("output").isLessThan(until);
      Thread.onSpinWait();
    }
  }

  static Path script(Path file, String body) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + body);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file;
  }
}
