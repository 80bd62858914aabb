package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.muster.kernel.home.Home;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"listen", "admin"})
  void aTakenAddressIsNamedAndNothingIsHeldAfterwards(String setting) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      assertThatIOException()
          .isThrownBy(() -> ApplianceFixture.start(folder, Map.of(setting, address)))
          .withMessageContaining(address)
          .withMessageContaining("--" + setting);
    }
    try (ApplianceFixture fixture = ApplianceFixture.start(folder, Map.of())) {
      HttpRequest ready = HttpRequest.newBuilder(fixture.url("/readyz")).build();
      assertThat(fixture.send(ready).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aHomeThatCannotBeMadeIsNamed() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    Home home = new Home(file.resolve("home"));
    assertThatIOException()
        .isThrownBy(home::create)
        .withMessageContaining(home.root().toString())
        .withMessageContaining("--home");
  }
}
