package dev.muster.fleet.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.kernel.store.StoreFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaunchHistoryTest {
  private static final Instant START = Instant.parse("2026-03-04T12:00:00Z");

  @TempDir private Path folder;
  private StoreFixture store;
  private int made;

  @BeforeEach
  void open() {
    store = StoreFixture.open(folder);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void nineOfTenRunnersAreReadyWithinTheTime() {
    for (long seconds : List.of(70L, 20L, 100L, 40L, 10L, 90L, 50L, 30L, 80L, 60L)) {
      ready("default", seconds);
    }
    assertThat(readyAfter("default")).contains(Duration.ofSeconds(90));
    ready("default", 1_000L);
    assertThat(readyAfter("default")).as("of eleven, ten").contains(Duration.ofSeconds(100));
  }

  @Test
  void twoRunnersMeasureNothing() {
    ready("default", 10L);
    ready("default", 20L);
    assertThat(readyAfter("default")).isEmpty();
    ready("default", 30L);
    assertThat(readyAfter("default")).contains(Duration.ofSeconds(30));
  }

  @Test
  void onlyTheLastFiftyOfThePoolThatBecameReadyCount() {
    for (int i = 0; i < 30; i++) {
      ready("default", 900L);
    }
    for (int i = 0; i < 50; i++) {
      ready("default", 12L);
      ready("default", null);
      ready("other", 300L);
    }
    assertThat(readyAfter("default")).contains(Duration.ofSeconds(12));
    assertThat(readyAfter("other")).contains(Duration.ofMinutes(5));
    assertThat(readyAfter("none")).isEmpty();
  }

  private Optional<Duration> readyAfter(String pool) {
    return store.read(read -> LaunchHistory.readyAfter(read, pool));
  }

  /** A runner that was made after those before it, and ready after so long, or never. */
  private void ready(String pool, @Nullable Long seconds) {
    made++;
    Instant at = START.plusSeconds(made);
    store.run(tx ->
        tx.update(
            """
            insert into runner (id, launch, pool, provider, environment, region, spec, spec_hash,
              state, since, report_sequence, created_at, ready_seconds, version)
            values (?, ?, ?, 'ec2', 'dev', 'eu-west-1', 'linux', 'h', 'READY', ?, 0, ?, ?, 0)
            """,
            "muster-" + made,
            "launch-" + made,
            pool,
            at,
            at,
            seconds));
  }
}
