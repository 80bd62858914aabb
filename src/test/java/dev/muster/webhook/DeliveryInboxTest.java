package dev.muster.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.store.StoreFixture;
import dev.muster.webhook.DeliveryHandler.Effect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class DeliveryInboxTest {
  @TempDir private Path folder;
  private final VirtualTime time = new VirtualTime("2026-03-01T12:00:00Z");
  private final DeliveryStore deliveries = new DeliveryStore();

  /** What took effect, in its order, by whom it was understood. */
  private final BlockingQueue<String> applied = new LinkedBlockingQueue<>();

  private StoreFixture store;
  private DeliveryInbox inbox;

  /** Understands from the row. */
  private final class Rows implements DeliveryHandler {
    @Override
    public String source() {
      return "github";
    }

    @Override
    public Effect read(Delivery delivery) {
      return effect("row " + delivery.deliveryId());
    }
  }

  @BeforeEach
  void open() {
    store = StoreFixture.open(folder, new AuditLog(time));
    inbox = inbox();
  }

  @AfterEach
  void close() {
    inbox.close();
    store.close();
  }

  @Test
  void takesWhatTheDoorUnderstoodWithoutReadingItsRow() throws InterruptedException {
    record("one", Optional.of(effect("door one")));
    record("two", Optional.of(effect("door two")));
    inbox.start();
    assertThat(applied(2)).containsExactly("door one", "door two");
  }

  @Test
  void readsTheRowsOfThoseBetween() throws InterruptedException {
    record("one", Optional.of(effect("door one")));
    record("two", Optional.empty());
    record("three", Optional.of(effect("door three")));
    inbox.start();
    assertThat(applied(3)).containsExactly("door one", "row two", "door three");
  }

  @Test
  void readsTheRowsThatTheProcessBeforeLeft() throws InterruptedException {
    record("one", Optional.of(effect("door one")));
    inbox = inbox();
    inbox.start();
    assertThat(applied(1)).containsExactly("row one");
  }

  /** Its number of a commit, and its place therein, are given to another. */
  @Test
  void doesNotTakeWhatWasTakenBackForAnother() throws InterruptedException {
    assertThatIllegalStateException()
        .isThrownBy(() ->
            store.run(tx -> {
              inbox.record(tx, arrival("one"), Optional.of(effect("door one")));
              throw new IllegalStateException("the closure fails after all");
            }));
    record("two", Optional.empty());
    inbox.start();
    assertThat(applied(1)).containsExactly("row two");
  }

  @Test
  void goesOnWhereItStopped() throws InterruptedException {
    inbox.start();
    record("one", Optional.empty());
    assertThat(applied(1)).containsExactly("row one");
    record("two", Optional.empty());
    record("three", Optional.of(effect("door three")));
    assertThat(applied(2)).containsExactly("row two", "door three");
  }

  @Test
  void aDamagedRowHoldsUpNoneBehindIt() throws InterruptedException {
    record("one", Optional.empty());
    record("two", Optional.empty());
    store.run(tx -> tx.update("update delivery set payload = X'00' where delivery_id = 'one'"));
    inbox.start();
    assertThat(applied(1)).containsExactly("row two");
    assertThat(inbox.ended()).isFalse();
  }

  private DeliveryInbox inbox() {
    return new DeliveryInbox(
        store.database(), store.writer(), deliveries, List.of(new Rows()), time, time);
  }

  private Effect effect(String name) {
    return new Effect.Change(
        name,
        tx -> {
          tx.afterCommit(() -> applied.add(name));
          return Optional.empty();
        });
  }

  private void record(String id, Optional<Effect> understood) {
    boolean added = store.write(tx -> inbox.record(tx, arrival(id), understood));
    assertThat(added).isTrue();
  }

  private DeliveryStore.Arrival arrival(String id) {
    byte[] body = ("{\"id\":\"" + id + "\"}").getBytes(StandardCharsets.UTF_8);
    return DeliveryStore.Arrival.of(
        new Delivery("github", id, "workflow_job", body, time.instant(), Optional.empty()));
  }

  private List<String> applied(int count) throws InterruptedException {
    List<String> names = new ArrayList<>();
    while (names.size() < count) {
      names.add(String.valueOf(applied.poll(20, TimeUnit.SECONDS)));
    }
    return names;
  }
}
