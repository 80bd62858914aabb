package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.CoreSpec;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.replication.Takeovers;
import dev.muster.kernel.retention.RetentionReconciler;
import dev.muster.kernel.store.StoreFixture;
import dev.muster.webhook.DeliveryStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the appliance forgets, and when. */
class RetentionsTest {
  private final VirtualTime time = new VirtualTime("2026-03-01T12:00:00Z");
  @AutoClose private final StoreFixture store;

  RetentionsTest(@TempDir Path folder) {
    store = StoreFixture.open(folder, new AuditLog(time));
  }

  private void takeover(String region, int generation, @Nullable Instant returnedAt) {
    store.run(tx ->
        tx.update(
            """
            insert into takeover (environment, region, generation, at, reason, jobs, returned_at)
            values ('dev', ?, ?, ?, 'silent', 1, ?)
            """,
            region,
            generation,
            time.instant(),
            returnedAt));
  }

  @Test
  void takeoversAreForgottenWithTheJobsThatTheyWereAboutUnlessTheyLast() {
    CoreSpec config =
        new CoreSpec(
            new CoreSpec.Retention(Duration.ofDays(7), Duration.ofDays(10), Duration.ofDays(400)),
            Map.of());
    RetentionReconciler retention =
        new RetentionReconciler(
            store.writer(),
            time,
            new Retentions(() -> Optional.of(config)).expiries(new DeliveryStore()));
    takeover("eu-west-1", 1, time.instant());
    takeover("eu-west-1", 2, time.instant().plus(Duration.ofDays(5)));
    takeover("us-east-1", 1, null);
    time.pass(Duration.ofDays(11));
    retention.reconcile("rows", Optional.empty());
    assertThat(generations()).containsExactly("eu-west-1 2", "us-east-1 1");
    time.pass(Duration.ofDays(90));
    retention.reconcile("rows", Optional.empty());
    assertThat(generations()).as("the one that lasts").containsExactly("us-east-1 1");
  }

  private List<String> generations() {
    return store.read(read -> Takeovers.newest(read, 10)).stream()
        .map(takeover -> takeover.region() + " " + takeover.generation())
        .sorted()
        .toList();
  }
}
