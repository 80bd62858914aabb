package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.status.Liveness;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LivenessTest {
  @TempDir private Path folder;

  @Test
  void isAliveUntilItIsClosed() throws IOException {
    ApplianceFixture fixture = ApplianceFixture.start(folder, Map.of());
    try (fixture) {
      assertThat(fixture.appliance().stuck()).isEmpty();
      assertThat(fixture.appliance().unready()).isEmpty();
      URI admin = fixture.appliance().running().adminUrl();
      assertThat(fixture.appliance().summary()).contains(admin.toString());
    }
    assertThat(fixture.appliance().stuck()).isPresent();
  }

  @Test
  void refusalIsSignOfLifeToo() throws IOException {
    // Off loopback each look needs a token, which the watchdog has none of.
    try (ApplianceFixture fixture = ApplianceFixture.start(folder, Map.of("admin", "0.0.0.0:0"))) {
      assertThat(fixture.appliance().stuck()).isEmpty();
    }
  }

  @Test
  void serverThatTakesConnectionsAndSaysNothingIsStuck() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      URI url = URI.create("http://127.0.0.1:" + silent.getLocalPort());
      assertThat(Liveness.answers(url, Duration.ofMillis(200))).isFalse();
    }
  }
}
