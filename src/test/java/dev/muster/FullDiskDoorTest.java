package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.fixture.SmallDisk;
import dev.muster.webhook.DeliveryStore;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole appliance on a file system of a few megabytes, which only root may mount; what the door
 * does where nothing can be stored is held for everybody by {@code webhook.DoorOutageTest}.
 */
@Timeout(90)
class FullDiskDoorTest {
  @TempDir private Path folder;
  private Optional<SmallDisk> disk = Optional.empty();

  @BeforeEach
  void mount() throws Exception {
    disk = SmallDisk.mount(folder, 24);
    assumeTrue(disk.isPresent(), "Mounting a small tmpfs takes root and CAP_SYS_ADMIN");
  }

  @AfterEach
  void unmount() throws Exception {
    if (disk.isPresent()) {
      disk.get().close();
    }
  }

  /** Nothing compresses it. */
  private static byte[] body(Random random) {
    byte[] content = new byte[32 << 10];
    random.nextBytes(content);
    return "{\"zen\": \"%s\"}"
        .formatted(HexFormat.of().formatHex(content))
        .getBytes(StandardCharsets.UTF_8);
  }

  private static List<DeliveryStore.Summary> recorded(ApplianceFixture fixture) {
    return fixture
        .appliance()
        .database()
        .read(read -> DeliveryStore.newest(read, Long.MAX_VALUE, 10_000));
  }

  @Test
  void deliveriesAreRefusedWhileItIsFullAndTakenWhenThereIsRoom() throws Exception {
    try (ApplianceFixture fixture = ApplianceFixture.start(folder, Map.of()).configured()) {
      Path ballast = disk.orElseThrow().fill();
      Random random = new Random(3);
      List<String> acknowledged = new ArrayList<>();
      Optional<HttpResponse<String>> refusal = Optional.empty();
      String refused = "";
      for (int i = 0; refusal.isEmpty(); i++) {
        assertThat(i).as("the disk is full some time").isLessThan(1_000);
        refused = "delivery-" + i;
        HttpResponse<String> answer =
            fixture.send(fixture.delivery(refused, "ping", body(random)).build());
        if (answer.statusCode() == 202) {
          acknowledged.add(refused);
        } else {
          refusal = Optional.of(answer);
        }
      }
      assertThat(refusal.orElseThrow().statusCode()).isEqualTo(503);
      assertThat(refusal.orElseThrow().body()).contains("\"not_durable\"");
      assertThat(refusal.orElseThrow().headers().firstValue("Retry-After")).contains("10");

      Files.delete(ballast);
      byte[] again = body(random);
      // Who reads while the file is opened anew may have one more write refused.
      Instant until = Instant.now().plusSeconds(20);
      int status;
      do {
        assertThat(Instant.now()).as("deliveries are taken again").isBefore(until);
        status = fixture.send(fixture.delivery("later", "ping", again).build()).statusCode();
      } while (status == 503);
      assertThat(status).isEqualTo(202);
      assertThat(recorded(fixture))
          .extracting(DeliveryStore.Summary::deliveryId)
          .contains("later")
          .containsAll(acknowledged)
          .doesNotContain(refused);
    }
  }
}
