package dev.muster.fleet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.schedule.Desired;
import dev.muster.kernel.store.StoreFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PoolDecisionsTest {
  private static final Instant OLD = Instant.parse("2026-01-01T12:00:00Z");
  private static final Instant BEFORE = OLD.plus(Duration.ofDays(1));

  @TempDir private Path folder;
  private StoreFixture store;

  @BeforeEach
  void open() {
    store = StoreFixture.open(folder);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void oldDecisionsGoInStepsTheOldestFirstAndYoungOnesStay() {
    for (int i = 1; i <= 5; i++) {
      decided("old " + i, OLD.plusSeconds(i));
    }
    decided("young", BEFORE);
    assertThat(remove(3)).isEqualTo(3);
    assertThat(left()).containsExactly("young", "old 5", "old 4");
    assertThat(remove(3)).isEqualTo(2);
    assertThat(remove(3)).isZero();
    assertThat(left()).containsExactly("young");
  }

  private void decided(String summary, Instant at) {
    PoolPlan plan =
        new PoolPlan(
            new Desired(0, 0, Optional.empty()), List.of(), summary, Map.of(), Optional.empty());
    store.run(tx -> PoolDecisions.record(tx, "default", plan, at));
  }

  private int remove(int limit) {
    return store.write(tx -> PoolDecisions.remove(tx, BEFORE, limit));
  }

  private List<String> left() {
    return store.read(read -> PoolDecisions.newest(read, "default", 10)).stream()
        .map(PoolDecisions.Decision::summary)
        .toList();
  }
}
