package dev.muster.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.store.StoreFixture;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
class DeliveryStoreTest {
  private final VirtualTime time = new VirtualTime("2026-03-01T12:00:00Z");
  private DeliveryStore deliveries = new DeliveryStore();
  @AutoClose private final StoreFixture store;

  DeliveryStoreTest(@TempDir Path folder) {
    store = StoreFixture.open(folder, new AuditLog(time));
  }

  @Test
  void recognisesABodyWhateverIdItBears() {
    assertThat(add("one", "{}")).isTrue();
    assertThat(add("one", "{}")).isFalse();
    assertThat(add("another", "{}")).isFalse();
    assertThat(add("one", "[]")).isTrue();
    assertThat(queued()).hasSize(2);
  }

  @Test
  void recognisesABodyWithinOneCommit() {
    DeliveryStore.Arrival first = arrival("one", "{}");
    DeliveryStore.Arrival again = arrival("two", "{}");
    List<Boolean> added =
        store.write(tx -> List.of(deliveries.add(tx, first), deliveries.add(tx, again)));
    assertThat(added).containsExactly(true, false);
  }

  @Test
  void recognisesWhatTheProcessBeforeRecorded() {
    add("one", "{}");
    add("two", "[]");
    deliveries = new DeliveryStore();
    assertThat(add("three", "{}")).isFalse();
    assertThat(add("three", "[1]")).isTrue();
  }

  @Test
  void recordsAgainWhatWasTakenBack() {
    add("zero", "[0]");
    assertThatIllegalStateException()
        .isThrownBy(() ->
            store.run(tx -> {
              deliveries.add(tx, arrival("one", "{}"));
              throw new IllegalStateException("the closure fails after all");
            }));
    assertThat(add("one", "{}")).isTrue();
    assertThat(queued()).extracting(Delivery::deliveryId).containsExactly("zero", "one");
  }

  @Test
  void sameBodyFromAnotherSourceIsAnother() {
    add("one", "{}");
    DeliveryStore.Arrival other =
        DeliveryStore.Arrival.of(
            new Delivery("slack", "one", "message", bytes("{}"), time.instant(), Optional.empty()));
    store.run(tx -> deliveries.add(tx, other));
    assertThat(queued()).extracting(Delivery::source).containsExactly("github", "slack");
  }

  @Test
  void handsTheBodyOverAsItCame() {
    add("one", "{\"read\":\"back\"}");
    assertThat(queued().getFirst().payload()).isEqualTo(bytes("{\"read\":\"back\"}"));
  }

  @Test
  void oldPayloadsAreForgottenInStepsWhenTheyAreSettled() {
    for (int i = 1; i <= 5; i++) {
      add("old " + i, "{\"old\": " + i + "}");
    }
    Instant before = time.instant().plusSeconds(1);
    time.pass(Duration.ofSeconds(1));
    add("young", "{}");
    assertThat(forget(before, 10)).as("nothing is settled").isZero();
    settle(1, 2, 3, 4);
    assertThat(forget(before, 3)).isEqualTo(3);
    assertThat(withPayload()).containsExactly("old 4", "old 5", "young");
    assertThat(forget(before, 3)).as("it goes on where it was").isEqualTo(1);
    settle(5, 6);
    assertThat(forget(before, 3)).isEqualTo(1);
    assertThat(forget(before, 3)).isZero();
    assertThat(withPayload()).containsExactly("young");
    List<DeliveryStore.Summary> all =
        store.read(read -> DeliveryStore.newest(read, Long.MAX_VALUE, 10));
    assertThat(all).as("that they came is not forgotten").hasSize(6);
  }

  private int forget(Instant before, int limit) {
    return store.write(tx -> DeliveryStore.forgetPayloads(tx, before, limit));
  }

  private void settle(long... ids) {
    store.run(tx ->
        DeliveryStore.settle(
            tx,
            Arrays.stream(ids)
                .mapToObj(id -> new DeliveryStore.Settlement(id, "applied", "done"))
                .toList()));
  }

  private List<String> withPayload() {
    return store.read(read ->
        read.all(
            """
            select delivery_id from delivery
            where payload is not null or payload_large is not null order by id
            """,
            row -> row.text("delivery_id")));
  }

  private boolean add(String id, String body) {
    return store.write(tx -> deliveries.add(tx, arrival(id, body)));
  }

  private DeliveryStore.Arrival arrival(String id, String body) {
    return DeliveryStore.Arrival.of(
        new Delivery("github", id, "workflow_job", bytes(body), time.instant(), Optional.empty()));
  }

  private List<Delivery> queued() {
    return store.read(read ->
        DeliveryStore.waiting(read, DeliveryStore.taken(read), 100, 1 << 20).stream()
            .map(each -> DeliveryStore.delivery(read, each.id()))
            .toList());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
