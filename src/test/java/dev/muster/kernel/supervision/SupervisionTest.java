package dev.muster.kernel.supervision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.muster.kernel.clock.VirtualTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisionTest {
  private static final long PID = 4711;
  private static final String MINUTE = "60000000";
  private static final String BUG = "a bug";

  /** An appliance that is what the test says. */
  private static final class Told implements Supervision.Supervised {
    private final CountDownLatch asked = new CountDownLatch(1);
    private volatile String unready = "";
    private volatile String stuck = "";

    @Override
    public Optional<String> unready() {
      if (unready.equals(BUG)) {
        throw new IllegalStateException(BUG);
      }
      return Optional.of(unready).filter(text -> !text.isEmpty());
    }

    @Override
    public Optional<String> stuck() {
      asked.countDown();
      return Optional.of(stuck).filter(text -> !text.isEmpty());
    }

    @Override
    public String summary() {
      return "Ready";
    }
  }

  private final VirtualTime time = new VirtualTime("2026-03-02T09:00:00Z");
  private final Told appliance = new Told();
  @TempDir private Path folder;

  private Supervision start(Map<String, String> environment) {
    return Supervision.start(environment, PID, time, time, appliance).orElseThrow();
  }

  private String path() {
    return folder.resolve("notify").toString();
  }

  @Test
  void saysReadyThenSignsOfLifeThenThatItStops() {
    try (DatagramSocketFile systemd = new DatagramSocketFile(path())) {
      Supervision supervision = start(Map.of("NOTIFY_SOCKET", path(), "WATCHDOG_USEC", MINUTE));
      assertThat(systemd.receive()).isEqualTo("READY=1\nWATCHDOG=1\nSTATUS=Ready");
      time.pass(Duration.ofSeconds(1));
      assertThat(systemd.receive()).isEqualTo("WATCHDOG=1");
      time.pass(Duration.ofSeconds(20));
      assertThat(systemd.receive())
          .as("every third of the watchdog's time")
          .isEqualTo("WATCHDOG=1");
      supervision.close();
      assertThat(systemd.receive()).isEqualTo("STOPPING=1\nSTATUS=Stopping");
    }
  }

  @Test
  void asksForTimeWhileItIsAliveAndNotReady() {
    appliance.unready = "no config is in force";
    try (DatagramSocketFile systemd = new DatagramSocketFile(path());
        Supervision supervision = start(Map.of("NOTIFY_SOCKET", path()))) {
      assertThat(systemd.receive())
          .isEqualTo("EXTEND_TIMEOUT_USEC=60000000\nSTATUS=Not ready: no config is in force");
      time.pass(Supervision.UNTIL_READY);
      assertThat(systemd.receive()).isEqualTo("EXTEND_TIMEOUT_USEC=60000000");
      appliance.unready = "";
      time.pass(Supervision.UNTIL_READY);
      assertThat(systemd.receive()).isEqualTo("READY=1\nSTATUS=Ready");
      assertThat(supervision).isNotNull();
    }
  }

  @Test
  void givesNoSignOfLifeWhileItIsStuck() {
    try (DatagramSocketFile systemd = new DatagramSocketFile(path());
        Supervision supervision = start(Map.of("NOTIFY_SOCKET", path(), "WATCHDOG_USEC", MINUTE))) {
      assertThat(systemd.receive()).contains("READY=1");
      appliance.stuck = "a write\nhangs";
      time.pass(Duration.ofSeconds(1));
      assertThat(systemd.receive()).isEqualTo("STATUS=Stuck: a write hangs");
      appliance.stuck = "";
      appliance.unready = "nothing can be made durable";
      time.pass(Duration.ofSeconds(20));
      assertThat(systemd.receive())
          .as("not ready is not dead, and it was ready before")
          .isEqualTo("WATCHDOG=1\nSTATUS=Not ready: nothing can be made durable");
      assertThat(supervision).isNotNull();
    }
  }

  @Test
  void whatCannotBeToldIsToldTheNextTime() {
    appliance.unready = BUG;
    try (DatagramSocketFile systemd = new DatagramSocketFile(path());
        Supervision supervision = start(Map.of("NOTIFY_SOCKET", path()))) {
      assertThat(appliance.asked.await(10, TimeUnit.SECONDS)).isTrue();
      appliance.unready = "";
      time.pass(Supervision.UNTIL_READY);
      assertThat(systemd.receive()).isEqualTo("READY=1\nSTATUS=Ready");
      assertThat(supervision).isNotNull();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void speaksToAbstractAddresses() {
    String address = "@muster-test-" + UUID.randomUUID();
    try (DatagramSocketFile systemd = new DatagramSocketFile(address);
        Supervision supervision = start(Map.of("NOTIFY_SOCKET", address))) {
      assertThat(systemd.receive()).isEqualTo("READY=1\nSTATUS=Ready");
      assertThat(supervision).isNotNull();
    }
  }

  @Test
  void outlivesManagerThatIsGone() throws Exception {
    Supervision supervision = start(Map.of("NOTIFY_SOCKET", path(), "WATCHDOG_USEC", MINUTE));
    assertThat(appliance.asked.await(10, TimeUnit.SECONDS)).isTrue();
    assertThatCode(supervision::close).doesNotThrowAnyException();
  }

  @Test
  void doesNothingWhereNobodyAsked() {
    assertThat(Supervision.start(Map.of("WATCHDOG_USEC", MINUTE), PID, time, time, appliance))
        .isEmpty();
    assertThat(time.next()).isEmpty();
  }

  @Test
  void refusesWhatIsNoAddress() {
    for (String address : new String[] {"vsock:2:1234", "@", "/" + "x".repeat(107), "relative"}) {
      assertThatIOException().as(address).isThrownBy(() -> NotifySocket.open(address));
      assertThat(Supervision.start(Map.of("NOTIFY_SOCKET", address), PID, time, time, appliance))
          .isEmpty();
    }
  }

  @Test
  void watchdogOfAnotherProcessIsNotOurs() {
    assertThat(Supervision.watchdog(Map.of("WATCHDOG_USEC", MINUTE, "WATCHDOG_PID", "1"), PID))
        .isEmpty();
    assertThat(Supervision.watchdog(Map.of("WATCHDOG_USEC", MINUTE, "WATCHDOG_PID", "4711"), PID))
        .contains(Duration.ofMinutes(1));
    assertThat(Supervision.watchdog(Map.of("WATCHDOG_USEC", "soon"), PID)).isEmpty();
  }
}
