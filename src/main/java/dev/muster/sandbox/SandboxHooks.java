package dev.muster.sandbox;

import dev.muster.kernel.http.Signature;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sends webhooks one after another and keeps a record of each attempt. Like GitHub it tries once: a
 * delivery that failed is only listed.
 */
final class SandboxHooks implements Consumer<HookEvent>, AutoCloseable {
  private static final System.Logger log = System.getLogger(SandboxHooks.class.getName());

  /** A webhook that was prepared and not yet sent. */
  private record Prepared(String guid, HookEvent about, String payload) {}

  private final SandboxApp app;
  private final SandboxJson json;
  private final InstantSource clock;
  private final Duration timeout;
  private final HttpClient client;
  private final LinkedBlockingQueue<HookEvent> queue = new LinkedBlockingQueue<>();
  private final List<SandboxDelivery> deliveries = new ArrayList<>();
  private volatile @Nullable URI target;
  private volatile Function<HookEvent, DeliveryFault> faults = event -> DeliveryFault.NONE;
  private @Nullable Prepared overtaken;
  private @Nullable Thread worker;
  private long lastId = 70_000;

  SandboxHooks(SandboxApp app, SandboxJson json, InstantSource clock, Duration timeout) {
    this.app = app;
    this.json = json;
    this.clock = clock;
    this.timeout = timeout;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(timeout)
            .build();
  }

  void start() {
    worker = Thread.ofVirtual().name("sandbox-webhooks").start(this::work);
  }

  void target(URI url) {
    target = url;
  }

  void faults(Function<HookEvent, DeliveryFault> newFaults) {
    faults = newFaults;
  }

  @Override
  public void accept(HookEvent event) {
    queue.add(event);
  }

  /** Newest first, from before the delivery {@code cursor} where one is given. */
  List<SandboxDelivery> before(Optional<Long> cursor, int limit) {
    synchronized (deliveries) {
      return deliveries.reversed().stream()
          .filter(delivery -> cursor.isEmpty() || delivery.id() < cursor.get())
          .limit(limit)
          .toList();
    }
  }

  /** Waits until this many attempts have been made since the start. */
  void await(int count, Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    synchronized (deliveries) {
      while (deliveries.size() < count) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          throw new IllegalStateException(
              "Muster sandbox: %d webhooks after %s, not %d"
                  .formatted(deliveries.size(), patience, count));
        }
        deliveries.wait(left);
      }
    }
  }

  Optional<SandboxDelivery> delivery(long id) {
    synchronized (deliveries) {
      return deliveries.stream().filter(delivery -> delivery.id() == id).findFirst();
    }
  }

  private void work() {
    try {
      while (true) {
        send(queue.take());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closing
    }
  }

  private void send(HookEvent event) throws InterruptedException {
    Prepared prepared =
        new Prepared(UUID.randomUUID().toString(), event, json.payload(event).toString());
    switch (faults.apply(event)) {
      case NONE -> post(prepared);
      case FAILED -> record(prepared, "failed to connect to host", 502);
      case VANISHED -> log.log(Level.DEBUG, "Muster sandbox: a webhook vanished as it was told to");
      case TWICE -> {
        post(prepared);
        post(prepared);
      }
      case OVERTAKEN -> {
        overtaken = prepared;
        return;
      }
    }
    Prepared late = overtaken;
    if (late != null) {
      overtaken = null;
      post(late);
    }
  }

  /** Where webhooks go; empty while nothing is set. */
  Optional<URI> target() {
    return Optional.ofNullable(target);
  }

  private void post(Prepared prepared) throws InterruptedException {
    URI url = target;
    if (url == null) {
      record(prepared, "no webhook URL is set", 502);
      return;
    }
    byte[] body = prepared.payload().getBytes(StandardCharsets.UTF_8);
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(timeout)
            .header("Content-Type", "application/json")
            .header("User-Agent", "GitHub-Hookshot/muster-sandbox")
            .header("X-Muster-Sandbox", "true")
            .header("X-GitHub-Event", prepared.about().event())
            .header("X-GitHub-Delivery", prepared.guid())
            .header("X-GitHub-Hook-Installation-Target-Type", "integration")
            .header("X-GitHub-Hook-Installation-Target-ID", Long.toString(app.id()))
            .header("X-Hub-Signature-256", "sha256=" + Signature.hex(app.webhookSecret(), body))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    try {
      int code = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
      record(prepared, code / 100 == 2 ? "OK" : "Invalid HTTP Response: " + code, code);
    } catch (IOException e) {
      record(prepared, "failed to connect to host", 502);
    }
  }

  private void record(Prepared prepared, String status, int code) {
    synchronized (deliveries) {
      deliveries.add(
          new SandboxDelivery(
              ++lastId,
              prepared.guid(),
              clock.instant(),
              prepared.about(),
              status,
              code,
              prepared.payload()));
      deliveries.notifyAll();
    }
  }

  @Override
  public void close() {
    Thread running = worker;
    if (running != null) {
      running.interrupt();
    }
    client.shutdownNow();
  }
}
