package dev.muster.fleet.compute.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.fleet.compute.Instance;
import dev.muster.kernel.reconcile.TransientException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * All that is true of local runners, with units: stand-ins for {@code systemd-run} and {@code
 * systemctl} note what they were asked and start what they were told to, as the real ones would
 * where systemd runs.
 */
@EnabledOnOs(OS.LINUX)
class SystemdSpawnerTest extends LocalComputeProviderTest {
  private Path programs;
  private Path notes;

  @BeforeEach
  void writePrograms() throws IOException {
    programs = Files.createDirectories(folder.resolve("programs"));
    notes = Files.createDirectories(folder.resolve("notes"));
    script(
        programs.resolve("systemd-run"),
        """
        printf '%%s\\n' "$@" >'%1$s/systemd-run'
        while [ "$1" != -- ]; do
          case "$1" in
            --unit=*) unit=${1#--unit=} ;;
            --property=WorkingDirectory=*) cd "${1#--property=WorkingDirectory=}" || exit 1 ;;
            --property=StandardOutput=append:*) log=${1#--property=StandardOutput=append:} ;;
          esac
          shift
        done
        shift
        setsid "$@" </dev/null >>"$log" 2>&1 &
        echo $! >"%1$s/$unit"
        """
            .formatted(notes));
    script(
        programs.resolve("systemctl"),
        """
        printf '%%s\\n' "$@" >'%1$s/systemctl'
        cat "%1$s/$4"
        """
            .formatted(notes));
  }

  @Override
  Spawner spawner() {
    return new SystemdSpawner(
        programs.resolve("systemd-run").toString(), programs.resolve("systemctl").toString());
  }

  @Test
  void dollarsOfACommandAreItsOwn() throws Exception {
    Path log = folder.resolve("log");
    List<String> command = List.of("sh", "-c", "exec sleep 30", "$HOME/a");
    spawner().spawn("muster-dollar", command, folder, log).process().destroyForcibly();
    assertThat(Files.readAllLines(notes.resolve("systemd-run")))
        .endsWith("exec sleep 30", "$$HOME/a");
  }

  @Test
  void unitIsAskedForInTheseWordsAndNoSecretIsAmongThem() throws Exception {
    String id = launched(provider().launch(request(1, 1), "open sesame")).getFirst();
    Path live = home().resolve("live").resolve(id);
    assertThat(Files.readAllLines(notes.resolve("systemd-run")))
        .containsExactly(
            "--quiet",
            "--collect",
            "--unit=muster-" + id + ".service",
            "--property=Type=exec",
            "--property=WorkingDirectory=" + live,
            "--property=StandardOutput=append:" + live.resolve("agent.log"),
            "--property=StandardError=append:" + live.resolve("agent.log"),
            "--",
            "/bin/sh",
            folder.resolve("agent.sh").toString(),
            live.resolve("agent.json").toString());
    assertThat(Files.readAllLines(notes.resolve("systemctl")))
        .containsExactly("show", "--property=MainPID", "--value", "muster-" + id + ".service");
    try (var all = Files.list(notes)) {
      assertThat(all).allSatisfy(note -> assertThat(note).content().doesNotContain("sesame"));
    }
    LocalInstance instance = LocalInstance.read(live).orElseThrow();
    assertThat(instance.unit()).contains("muster-" + id + ".service");
    assertThat(Files.readString(Path.of("/proc/" + instance.pid() + "/cmdline")))
        .doesNotContain("sesame");
  }

  @Test
  void refusalOfSystemdIsSaidAndTriedAgain() throws Exception {
    Path real = Files.move(programs.resolve("systemd-run"), programs.resolve("aside"));
    Path refusing =
        script(real.resolveSibling("systemd-run"), "echo 'Access denied' >&2\nexit 1\n");
    assertThatExceptionOfType(TransientException.class)
        .isThrownBy(() -> provider().launch(request(1, 1), "secret"))
        .withMessageContaining("systemd-run: Access denied")
        .withMessageContaining(home().resolve("live").toString());
    assertThat(provider().list(region()).machines()).isEmpty();
    Files.delete(refusing);
    Files.move(real, refusing);
    assertThat(launched(provider().launch(request(1, 1), "secret"))).hasSize(1);
    assertThat(provider().list(region()).machines()).hasSize(1);
  }

  @Test
  void agentThatEndsAtOnceIsNoRunner() throws Exception {
    script(programs.resolve("systemctl"), "echo 0\n");
    script(programs.resolve("systemd-run"), "exit 0\n");
    assertThatExceptionOfType(TransientException.class)
        .isThrownBy(() -> provider().launch(request(1, 1), "secret"))
        .withMessageContaining("ended as soon as it was started");
    assertThat(provider().list(region()).machines()).isEmpty();
  }

  @Test
  void unitOfWhichNothingWasHeardIsFoundAgain() throws Exception {
    Path real = Files.move(programs.resolve("systemctl"), programs.resolve("aside"));
    Path failing = script(programs.resolve("systemctl"), "echo 'Transport is closed'\nexit 1\n");
    assertThatExceptionOfType(TransientException.class)
        .isThrownBy(() -> provider().launch(request(1, 1), "secret"))
        .withMessageContaining("Transport is closed");
    Files.delete(failing);
    Files.move(real, failing);
    Files.delete(notes.resolve("systemd-run"));
    String id = launched(provider().launch(request(1, 1), "secret")).getFirst();
    assertThat(notes.resolve("systemd-run")).as("nothing is started twice").doesNotExist();
    long pid = LocalInstance.read(home().resolve("live").resolve(id)).orElseThrow().pid();
    assertThat(notes.resolve("muster-" + id + ".service")).content().isEqualTo(pid + "\n");
  }

  @Test
  void agentThatDoesNotListenIsKilledAfterAWhile() throws Exception {
    Path deaf =
        script(folder.resolve("deaf.sh"), "trap '' TERM\necho deaf\nwhile :; do sleep 300; done\n");
    Instant[] now = {Instant.now()};
    LocalComputeProvider provider =
        new LocalComputeProvider(
            home(), config -> List.of("/bin/sh", deaf.toString()), spawner(), () -> now[0]);
    String id = launched(provider.launch(request(1, 1), "secret")).getFirst();
    Path live = home().resolve("live").resolve(id);
    ProcessHandle process = LocalInstance.read(live).orElseThrow().process().orElseThrow();
    awaitOutput(live.resolve("agent.log"));
    provider.terminate(region(), List.of(id));
    now[0] = now[0].plus(Duration.ofSeconds(39));
    provider.terminate(region(), List.of(id));
    assertThat(process.isAlive()).as("it has time to end its job").isTrue();
    assertThat(provider.list(region()).machines()).extracting(Instance::id).containsExactly(id);
    now[0] = now[0].plus(Duration.ofSeconds(2));
    provider.terminate(region(), List.of(id));
    awaitEnd(live);
    assertThat(provider.list(region()).machines()).isEmpty();
  }

  /** What cannot be seen without systemd: that it knows these options and properties at all. */
  @Test
  void optionsAndPropertiesAreSystemds() throws Exception {
    assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/systemd-run"))
            && Files.isExecutable(Path.of("/usr/bin/systemd-analyze")),
        "systemd is not installed");
    launched(provider().launch(request(1, 1), "secret"));
    List<String> words = Files.readAllLines(notes.resolve("systemd-run"));
    List<String> options = words.subList(0, words.indexOf("--"));
    String help = said("/usr/bin/systemd-run", "--help");
    assertThat(options)
        .allSatisfy(option -> assertThat(help).contains(option.replaceFirst("=.*", "")));
    String service =
        options.stream()
            .filter(option -> option.startsWith("--property="))
            .map(option -> option.substring("--property=".length()))
            .collect(Collectors.joining("\n"));
    Path unit = folder.resolve("muster-check.service");
    Files.writeString(unit, "[Service]\n" + service + "\nExecStart=/bin/true\n");
    assertThat(said("/usr/bin/systemd-analyze", "verify", "--man=no", unit.toString()))
        .doesNotContain("muster-check");
    Files.writeString(unit, "[Service]\n" + service + "\nExecStart=/bin/true\nNoSuchKey=1\n");
    assertThat(said("/usr/bin/systemd-analyze", "verify", "--man=no", unit.toString()))
        .as("it does tell")
        .contains("NoSuchKey");
  }

  private static String said(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
