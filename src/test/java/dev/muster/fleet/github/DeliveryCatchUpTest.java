package dev.muster.fleet.github;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.job.SomeHomes;
import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.store.StoreFixture;
import dev.muster.kernel.tracing.Telemetry;
import dev.muster.sandbox.DeliveryFault;
import dev.muster.webhook.DeliveryInbox;
import dev.muster.webhook.DeliveryStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one of several appliances looks for among GitHub's deliveries. */
class DeliveryCatchUpTest {
  @TempDir private Path folder;
  private final GitHubFixture github = new GitHubFixture();
  private final SomeHomes homes = new SomeHomes();
  private StoreFixture store;
  private DeliveryInbox inbox;
  private DeliveryCatchUp catchUp;

  @BeforeEach
  void open() {
    store = StoreFixture.open(folder);
    inbox =
        new DeliveryInbox(
            store.database(),
            store.writer(),
            new DeliveryStore(),
            List.of(),
            new VirtualTime("2026-03-01T10:00:00Z"),
            github::now);
    catchUp =
        new DeliveryCatchUp(
            store.database(),
            store.writer(),
            github::now,
            github.client,
            inbox,
            homes,
            Telemetry.OFF);
  }

  @AfterEach
  void close() {
    inbox.close();
    store.close();
    github.close();
  }

  /** A push of which GitHub says that nobody took it; the id under which it was sent. */
  private String lost(String revision) throws InterruptedException {
    int before = all().size();
    github.sandbox.faults(event -> DeliveryFault.FAILED);
    github.sandbox.push("acme/config", "main", revision);
    github.sandbox.awaitDeliveries(before + 1);
    return all().getLast().guid();
  }

  private List<HookDeliveries.Entry> all() {
    return new HookDeliveries(github.client).since(OptionalLong.empty(), Instant.EPOCH);
  }

  private boolean known(String delivery) {
    return store.read(read -> DeliveryStore.known(read, GitHubWebhooks.SOURCE, delivery));
  }

  private void reconcile(String key) {
    catchUp.reconcile(key, Optional.empty());
  }

  private void away(Instant since) {
    store.run(tx -> DeliveryCatchUp.missed(tx, since));
  }

  @Test
  void whoDoesNotLeadLeavesItToTheOther() throws InterruptedException {
    homes.leads = false;
    String lost = lost("1");
    reconcile(DeliveryCatchUp.KEY.name());
    assertThat(known(lost)).isFalse();
    homes.leads = true;
    reconcile(DeliveryCatchUp.KEY.name());
    assertThat(known(lost)).isTrue();
  }

  @Test
  void whatCameWhileItWasAwayIsRecoveredWhoeverLeads() throws InterruptedException {
    homes.leads = false;
    String before = lost("1");
    github.pass(Duration.ofHours(1));
    Instant stopped = github.now();
    String meanwhile = lost("2");
    away(stopped);

    reconcile(DeliveryCatchUp.MISSED.name());

    assertThat(known(meanwhile)).isTrue();
    assertThat(known(before)).as("it was there then, or looked for it already").isFalse();
  }

  @Test
  void itLooksOnceForWhatItMissed() throws InterruptedException {
    homes.leads = false;
    away(github.now());
    reconcile(DeliveryCatchUp.MISSED.name());
    String later = lost("1");
    reconcile(DeliveryCatchUp.MISSED.name());
    assertThat(known(later)).isFalse();
  }

  @Test
  void twoAbsencesInARowAreLookedForFromTheFirst() throws InterruptedException {
    Instant first = github.now();
    String lost = lost("1");
    github.pass(Duration.ofHours(1));
    away(first);
    away(github.now()); // stopped again before it could look
    homes.leads = false;
    reconcile(DeliveryCatchUp.MISSED.name());
    assertThat(known(lost)).isTrue();
  }
}
