package dev.muster.kernel.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.kernel.audit.AuditLog.Verdict;
import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.store.Facts;
import dev.muster.kernel.store.StoreFixture;
import dev.muster.webhook.Delivery;
import dev.muster.webhook.DeliveryStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
  private static final Actor ADA = new Actor("token", "ada");

  private static final List<String> TAMPERINGS =
      List.of(
          "update audit_entry set detail = 'nothing' where sequence = 2",
          "update audit_entry set actor_name = 'eve' where sequence = 1",
          "update audit_entry set at = dateadd(second, 1, at) where sequence = 1",
          "update audit_entry set place = 1 - place where batch = 4",
          "update audit_entry set batch = 3 where batch = 1",
          "delete from audit_entry where sequence = 3",
          "delete from audit_entry where batch = 4; delete from audit_batch where batch = 4",
          "delete from audit_batch where batch = 1",
          "delete from audit_batch where batch = 5",
          "delete from audit_batch",
          "delete from audit_entry where batch = 1; delete from audit_batch where batch = 1",
          "update audit_batch set hash = content where batch = 2",
          "update audit_batch set content = hash where batch = 2",
          "update audit_batch set entries = 7 where batch = 2",
          "update audit_batch set batch = 9 where batch = 5",
          "insert into audit_entry (batch, place, at, actor_kind, actor_name, action, object, detail)"
              + " select batch, 9, at, actor_kind, actor_name, action, object, detail"
              + " from audit_entry where sequence = 1",
          "insert into audit_entry (batch, place, at, actor_kind, actor_name, action, object, detail)"
              + " select 77, 0, at, actor_kind, actor_name, action, object, detail"
              + " from audit_entry where sequence = 1",
          "insert into audit_entry (batch, place, at, actor_kind, actor_name, action, object, detail)"
              + " select 0, 0, at, actor_kind, actor_name, action, object, detail"
              + " from audit_entry where sequence = 1",
          "update delivery set event = 'push' where id = 1",
          "update delivery set delivery_id = 'other' where id = 1",
          "update delivery set body_hash = cast(X'01' as binary(32)) where id = 1",
          "update delivery set batch = 99 where id = 1",
          "update delivery set payload = (select payload from delivery where id = 2) where id = 1",
          "update delivery set payload = X'00' where id = 1",
          "delete from delivery where id = 2");

  @TempDir private Path folder;
  private final VirtualTime time = new VirtualTime("2026-03-01T12:00:00Z");
  private final AuditLog audit = new AuditLog(time);
  private final DeliveryStore deliveries = new DeliveryStore();
  private StoreFixture store;

  @BeforeEach
  void fill() {
    store = StoreFixture.open(folder, audit);
    add("first", "config.pushed");
    deliver("one");
    add("second", "pool.paused");
    store.run(tx -> {
      audit.add(tx, ADA, "pool.resumed", "default", "two in one commit");
      audit.add(tx, ADA, "pool.paused", "default", "");
    });
    deliver("two");
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void untouchedChainIsIntact() {
    Verdict verdict = verify();
    assertThat(verdict).isInstanceOf(Verdict.Intact.class);
    Verdict.Intact intact = (Verdict.Intact) verdict;
    assertThat(intact.batches()).isEqualTo(5);
    assertThat(intact.entries()).isEqualTo(6);
    assertThat(intact.head()).hasSize(64);
  }

  @Test
  void emptyChainIsIntact() {
    store.close();
    store = StoreFixture.open(folder.resolve("empty"), audit);
    assertThat(verify()).isInstanceOf(Verdict.Intact.class);
  }

  @Test
  void headChangesWithEveryEntryAndChainGoesOnAfterARestart() {
    String before = ((Verdict.Intact) verify()).head();
    store.close();
    store = StoreFixture.open(folder, audit);
    add("third", "token.created");
    Verdict.Intact after = (Verdict.Intact) verify();
    assertThat(after.head()).isNotEqualTo(before);
    assertThat(after.batches()).isEqualTo(6);
  }

  /** Each in a transaction that is taken back, so that one database serves all. */
  @Test
  void everyKindOfTamperingIsFound() {
    for (String tampering : TAMPERINGS) {
      assertThatExceptionOfType(TakenBack.class)
          .isThrownBy(() ->
              store.run(tx -> {
                for (String statement : List.of(tampering.split("; ", -1))) {
                  assertThat(tx.update(statement)).as("rows of: " + statement).isPositive();
                }
                assertThat(audit.verify(tx, List.of(deliveries)))
                    .as(tampering)
                    .isInstanceOf(Verdict.Broken.class);
                throw new TakenBack();
              }));
    }
    assertThat(verify()).isInstanceOf(Verdict.Intact.class);
  }

  private static final class TakenBack extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @Test
  void payloadThatRetentionEmptiedDoesNotBreakTheChain() {
    store.run(tx -> tx.update("update delivery set payload = null"));
    assertThat(verify()).isInstanceOf(Verdict.Intact.class);
  }

  @Test
  void chainHoldsAfterEveryStepOfRetentionAndTamperingIsStillFound() {
    takeAllDeliveries();
    time.pass(Duration.ofDays(500));
    add("recent", "pool.paused");
    int removed = prune(2);
    assertThat(removed).isEqualTo(2);
    assertThat(verify()).isInstanceOf(Verdict.Intact.class);
    assertThat(prune(100)).isEqualTo(4);
    assertThat(prune(100)).as("what is recent stays").isZero();
    assertThat(((Verdict.Intact) verify()).entries()).isEqualTo(1);
    assertThat(store.<Long>read(read -> read.count("select count(*) n from delivery"))).isZero();

    store.run(tx -> tx.update("update audit_anchor set hash = ?", new byte[32]));
    assertThat(verify()).isInstanceOf(Verdict.Broken.class);
  }

  @Test
  void deliveryThatStillWaitsKeepsItsLinkAndAllAfterIt() {
    time.pass(Duration.ofDays(500));
    assertThat(prune(100)).as("only the entry before the one that waits").isEqualTo(1);
    assertThat(verify()).isInstanceOf(Verdict.Intact.class);
  }

  private void takeAllDeliveries() {
    store.run(tx -> Facts.put(tx, "inbox.taken", "1000"));
  }

  private int prune(int limit) {
    return store.write(tx ->
        AuditLog.prune(tx, time.instant().minus(Duration.ofDays(400)), limit, List.of(deliveries)));
  }

  @Test
  void whatIsTooLongIsCutAndTheChainStillHolds() {
    store.run(tx ->
        audit.add(tx, new Actor("git", "n".repeat(999)), "a", "o".repeat(999), "d".repeat(9_999)));
    assertThat(verify()).isInstanceOf(Verdict.Intact.class);
    AuditEntry entry = store.read(read -> AuditLog.newest(read, Long.MAX_VALUE, 1)).getFirst();
    assertThat(entry.object()).hasSize(300).endsWith("…");
  }

  @Test
  void entriesAreListedInOrderFromASequence() {
    List<AuditEntry> all = store.read(read -> AuditLog.since(read, 0, 100));
    assertThat(all).extracting(AuditEntry::sequence).isSorted().hasSize(4);
    List<AuditEntry> page = store.read(read -> AuditLog.since(read, all.get(1).sequence(), 1));
    assertThat(page).extracting(AuditEntry::sequence).containsExactly(all.get(2).sequence());
  }

  private void add(String object, String action) {
    store.run(tx -> audit.add(tx, ADA, action, object, "for a reason"));
    time.pass(Duration.ofSeconds(1));
  }

  private void deliver(String id) {
    DeliveryStore.Arrival arrival =
        DeliveryStore.Arrival.of(
            new Delivery(
                "github",
                id,
                "workflow_job",
                ("{\"id\":\"" + id + "\"}").getBytes(StandardCharsets.UTF_8),
                time.instant(),
                Optional.empty()));
    store.run(tx -> deliveries.add(tx, arrival));
  }

  private Verdict verify() {
    return store.read(read -> audit.verify(read, List.of(deliveries)));
  }
}
