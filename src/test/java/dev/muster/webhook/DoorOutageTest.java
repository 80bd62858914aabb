package dev.muster.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.clock.SystemTimers;
import dev.muster.kernel.http.BodyReader;
import dev.muster.kernel.http.Refusals;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Sealer;
import dev.muster.kernel.store.StoreFixture;
import dev.muster.kernel.store.StoreUnavailableException;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.tracing.Telemetry;
import dev.muster.webhook.DeliveryHandler.Effect;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What senders are told over HTTP while nothing can be made durable. The commits fail here within
 * their transaction; a disk that is really full, which takes root, is in {@code FullDiskDoorTest}.
 */
@Timeout(60)
class DoorOutageTest {
  /** {@code Writer.MAX_WAITING}, which only its own package sees. */
  private static final int MOST_WAITING = 8_192;

  private static final InstantSource CLOCK = InstantSource.system();

  @TempDir private Path folder;
  private final HttpClient client = HttpClient.newHttpClient();
  private final SystemTimers timers = new SystemTimers(CLOCK);
  private final FailingSealer sealer = new FailingSealer();
  private StoreFixture store;
  private DeliveryInbox inbox;
  private WebServer server;

  /** Fails every commit of a delivery while the outage lasts. */
  private static final class FailingSealer implements Sealer {
    private final AuditLog audit = new AuditLog(CLOCK);
    private volatile boolean outage;

    @Override
    public long last(Read read) {
      return audit.last(read);
    }

    @Override
    public void link(Tx tx, List<byte[]> digests) {
      if (outage) {
        throw new StoreUnavailableException("No space left on device", null);
      }
      audit.link(tx, digests);
    }
  }

  /** Believes every sender. */
  private static final class Open implements WebhookSource {
    @Override
    public String name() {
      return "github";
    }

    @Override
    public int limit() {
      return 1 << 20;
    }

    @Override
    public Verification verify(Function<String, Optional<String>> headers, byte[] body) {
      return new Verification.Genuine(headers.apply("x-github-delivery").orElseThrow(), "ping");
    }
  }

  private static final class Idle implements DeliveryHandler {
    @Override
    public String source() {
      return "github";
    }

    @Override
    public Effect read(Delivery delivery) {
      return new Effect.Ignored("nothing to do");
    }
  }

  @BeforeEach
  void serve() {
    store = StoreFixture.open(folder, sealer);
    inbox =
        new DeliveryInbox(
            store.database(),
            store.writer(),
            new DeliveryStore(),
            List.of(new Idle()),
            timers,
            CLOCK);
    WebhookDoor door =
        new WebhookDoor(
            List.of(new Open()),
            store.writer(),
            inbox,
            CLOCK,
            new Random(7),
            (source, outcome, took) -> {},
            Telemetry.OFF);
    BodyReader bodies = new BodyReader(8 << 20, Duration.ofSeconds(10), CLOCK);
    HttpRouting.Builder routing =
        HttpRouting.builder().register("/webhooks", new WebhookRoutes(door, bodies));
    Refusals.addTo(routing);
    server = WebServer.builder().host("127.0.0.1").port(0).routing(routing).build().start();
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop();
    inbox.close();
    store.close();
    timers.close();
  }

  private HttpResponse<String> deliver(String id) throws IOException, InterruptedException {
    URI door = URI.create("http://127.0.0.1:%d/webhooks/github".formatted(server.port()));
    return client.send(
        HttpRequest.newBuilder(door)
            .header("X-GitHub-Delivery", id)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"id\": \"" + id + "\"}"))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private void taken(String id) throws IOException, InterruptedException {
    HttpResponse<String> answer = deliver(id);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    assertThat(answer.body()).doesNotContain("duplicate");
  }

  private void refused(String id) throws IOException, InterruptedException {
    HttpResponse<String> answer = deliver(id);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
    assertThat(answer.body()).contains("\"code\":\"not_durable\"");
    assertThat(answer.headers().firstValue("Retry-After")).contains("10");
  }

  /** Also that no trace of a refused one makes it a duplicate when it comes again. */
  private List<String> recorded() {
    return store.read(read -> DeliveryStore.newest(read, Long.MAX_VALUE, 100)).stream()
        .map(DeliveryStore.Summary::deliveryId)
        .toList();
  }

  @Test
  void nothingIsAcknowledgedThatCannotBeStoredAndItGoesOnByItself() throws Exception {
    taken("before");
    sealer.outage = true;
    refused("during");
    refused("during");
    assertThat(recorded()).containsExactly("before");
    assertThat(store.writer().failing()).isTrue();

    sealer.outage = false;
    taken("during");
    assertThat(recorded()).containsExactly("during", "before");
    assertThat(store.writer().failing()).isFalse();
  }

  @Test
  void deliveriesAreRefusedWhileTooManyWritesWait() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch holding = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      try {
        threads.execute(() ->
            store
                .writer()
                .run(
                    Priority.RECONCILE,
                    tx -> {
                      holding.countDown();
                      await(held);
                    }));
        holding.await();
        for (int i = 0; i < MOST_WAITING; i++) {
          threads.execute(() -> store.writer().run(Priority.HOUSEKEEPING, tx -> {}));
        }
        while (store.writer().depth() < MOST_WAITING) {
          Thread.onSpinWait();
        }
        refused("crowded out");
      } finally {
        held.countDown();
      }
    }
    assertThat(recorded()).isEmpty();
    taken("crowded out");
    assertThat(recorded()).containsExactly("crowded out");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
